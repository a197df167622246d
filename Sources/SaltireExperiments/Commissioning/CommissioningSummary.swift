import SaltireCore
public import SaltireFigures
import SaltireRecords

extension CommissioningExperiment {
  public static func summary(of outcome: CommissioningOutcome) -> [String] {
    var lines = outcome.faults.dropFirst().map { "also: \($0.text)" }
    lines += outcome.meters.map { meter in
      "\(meter.lead.text)  offset \(amperes(meter.offset)), noise \(amperes(meter.noise)) on"
        + " \(Quantity(meter.limit, .ampere))"
    }
    if let last = outcome.settling.values.max() {
      lines.append(
        last > 0
          ? "reads settle within \(seconds(last)) of a pulse; settle is \(seconds(outcome.settle))"
          : "reads have settled when the first after a pulse ends, \(seconds(outcome.integration))")
    }
    if let step = outcome.step {
      lines.append(
        "a level and a read of \(seconds(outcome.integration)) take \(seconds(step))")
    }
    return lines + outcome.unseen.map { "not shown: \($0)" }
  }

  public static func sections(
    of run: RecordedRun<CommissioningOutcome>
  ) -> [HTMLReport.Section] {
    guard let outcome = run.outcome else { return [] }
    var sections: [HTMLReport.Section] = []
    if !outcome.faults.isEmpty {
      sections.append(.init("Faults", outcome.faults.map { .paragraph($0.text) }))
    }
    if let instruments = run.manifest.instruments {
      sections.append(
        .init(
          "Instruments",
          [.keyValues(instruments.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })]))
    }
    sections.append(
      .init(
        "Meters",
        [
          .table(
            HTMLTable(
              caption: "Offset and noise of one read of \(seconds(outcome.integration)), with every"
                + " terminal at 0 V.",
              columns: [
                .init("terminal", alignment: .left), .init("channel", alignment: .left),
                .init("current limit"), .init("offset"), .init("noise"),
              ],
              rows: outcome.meters.map { meter in
                [
                  meter.lead.terminal, meter.lead.channel,
                  Quantity(meter.limit, .ampere).description, amperes(meter.offset),
                  amperes(meter.noise),
                ]
              }, hasRowHeaders: true))
        ]))
    var times = outcome.settling.sorted { $0.key < $1.key }.map {
      HTMLReport.KeyValue("\($0.key) settles within", seconds(max($0.value, outcome.integration)))
    }
    times.append(.init("settle", seconds(outcome.settle)))
    if let step = outcome.step { times.append(.init("a level and a read take", seconds(step))) }
    sections.append(.init("Times", [.keyValues(times)]))
    if !outcome.unseen.isEmpty {
      sections.append(.init("Not shown", outcome.unseen.map { .paragraph("\($0).") }))
    }
    return sections
  }

  private static func amperes(_ value: Double) -> String {
    Quantity(value, .ampere).formatted(digits: 3)
  }

  private static func seconds(_ value: Double) -> String {
    Quantity(value, .second).formatted(digits: 3)
  }
}
