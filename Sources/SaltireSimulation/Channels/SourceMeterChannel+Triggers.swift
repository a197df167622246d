extension SourceMeterChannel {
  /// Maximum number of readings of one trigger.
  private static let mostReadings = 2500
  static let triggerSources = ["arm.source", "trigger.layer_source"]

  /// Takes as many readings as the trigger model counts, each after the trigger delay.
  ///
  /// - Parameter waits: whether it waits for the triggers that it is set to.
  func trigger(waits: Bool = false) throws(ChannelFault) {
    if waits {
      for source in Self.triggerSources
      where ["bus", "link", "manual"].contains(settings.word(source)) {
        throw .waiting
      }
    }
    let points = max(settings.count("trigger.count", most: Self.mostReadings), 1)
    let arms = max(settings.count("arm.count", most: Self.mostReadings / points), 1)
    let levels = try list()
    memory.begin()
    let begin = circuit.time
    for cycle in 0..<arms {
      if settings.word("arm.source") == "timer" {
        let due = begin + Double(cycle) * settings.number("arm.timer")
        circuit.advance(max(0, due - circuit.time))
      }
      if settings.word("arm.output") == "enter" {
        fire(settings.count("arm.output_line", most: 1000))
      }
      for point in 0..<points {
        circuit.advance(settings.number("trigger.delay"))
        if !levels.isEmpty {
          swept = levels[(cycle * points + point) % levels.count]
          circuit.touch()
        }
        if !settings.isOn("source.delay_auto") { circuit.advance(settings.number("source.delay")) }
        memory.add(try measure())
      }
    }
    if settings.word("buffer.control") == "next", !memory.isFed {
      settings["buffer.control"] = .word("never")
    }
  }

  /// The levels of the list, if a list sweep is configured.
  private func list() throws(ChannelFault) -> [Double] {
    guard settings.word("source.mode.of_voltage") == "list",
      case .text(let text)? = settings["source.list"]
    else { return [] }
    let levels = text.split(separator: ",").compactMap { Double($0) }
    let range = settings.number("source.range.voltage") * headroom
    guard levels.allSatisfy({ abs($0) <= range }) else { throw .outOfRange }
    return levels
  }
}
