extension Definition {
  /// An instrument with others of its model on its link, whose channels are
  /// channels of it.
  ///
  /// - Parameters:
  ///   - nodes: their numbers on the link.
  ///   - model: what each of them is.
  /// - Returns: a definition that requires them to be there, and a model with
  ///   all the channels; nil for a family without such a link.
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
          advice: "node \(node) of the link is numbered in that instrument's own menu"))
      whole.channels += model.channels.map {
        link.channel.filled(["node": "\(node)", "ch": $0])
      }
    }
    return (definition, whole)
  }
}
