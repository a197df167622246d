import Testing

/// What a run does with the settings of an instrument, as the program lists it.
@Suite struct SettingsTests {
  @Test func everySettingOfAFamilyIsListedWithWhatHappensToIt() async throws {
    let listed = try await Command("settings", "keithley/2400")
    #expect(listed.status == 0, "\(listed.errors)")
    let lines = listed.output.split(separator: "\n")
    func told(_ setting: String) -> [Substring] {
      (lines.first { $0.hasPrefix("\(setting) ") } ?? "").split(separator: " ", maxSplits: 2)
    }
    #expect(told("trigger.delay").last.map { $0.drop { $0 == " " } } == "set when armed")
    #expect(told("trigger.delay")[1] == ":TRIGger:DELay")
    #expect(told("line_frequency").last?.hasSuffix(" asked when armed") == true)
    #expect(told("measure.nplc").last?.hasSuffix(" set by every run") == true)
    #expect(told("beeper.state").last?.hasSuffix("cannot matter: makes a sound only") == true)
    #expect(lines.last == "keithley/2400: \(lines.count - 1) settings, 0 of them open")
  }

  @Test func everyFamilyIsCounted() async throws {
    let all = try await Command("settings")
    #expect(all.status == 0, "\(all.errors)")
    let lines = all.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("usmu/v10: no bench may use it: it has no question") })
    #expect(lines.allSatisfy { $0.contains("no bench may") || $0.hasSuffix(", 0 of them open") })
    let stranger = try await Command("settings", "keithley/2401b")
    #expect(stranger.status == 64)
    #expect(stranger.errors.contains("did you mean 'keithley/2401'?"))
  }
}
