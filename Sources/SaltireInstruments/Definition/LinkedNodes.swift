extension Definition {
  /// An instrument combined with instruments of the same model on its link, whose channels become
  /// channels of this one.
  ///
  /// - Parameters:
  ///   - nodes: their node numbers on the link.
  ///   - model: the model of all of them.
  /// - Returns: a definition that requires the nodes to be present, and a model with all channels;
  ///   nil for a family without such a link.
  public func linking(
    nodes: [Int], to model: Model
  ) -> (definition: Definition, model: Model)? {
    guard let link = engines.script?.nodes, !link.missing.contains(model.name) else { return nil }
    var (definition, whole) = (self, model)
    definition.requirements += link.requirements
    for node in nodes {
      definition.requirements.append(
        Requirement(
          question: link.model.filled(["node": "\(node)"]), expected: model.name,
          advice: "set the number of node \(node) in that instrument's menu"))
      whole.channels += model.channels.map {
        link.channel.filled(["node": "\(node)", "ch": $0])
      }
    }
    return (definition, whole)
  }
}
