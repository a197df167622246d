import Foundation
import SaltireCore

/// A terminal and its channel, as in the bench file.
public struct Lead: Codable, Sendable, Equatable {
  public var terminal: String
  public var channel: String

  var text: String { "\(terminal) (\(channel))" }
}

/// What explains the measured currents.
public enum WiringFault: Codable, Sendable, Equatable {
  case swapped(Lead, Lead)
  case open(Lead)
  case reversed(Lead)
  /// Its amplitude, as a multiple of what it is told.
  case amplitude(Lead, factor: Double)
  /// A resistance between two terminals other than stated, in siemens; nil is ground.
  case resistance(Lead, Lead?, measured: Double, expected: Double)

  /// The claim, without a full stop.
  var text: String {
    switch self {
    case .swapped(let one, let other): "\(one.text) and \(other.text) are swapped"
    case .open(let lead): "\(lead.text) is open"
    case .reversed(let lead): "\(lead.text) has the wrong polarity"
    case .amplitude(let lead, let factor):
      "the amplitude of \(lead.text) is \(Quantity(factor, .one).formatted(digits: 3)) times what"
        + " it is set to"
    case .resistance(let one, let other, let measured, let expected):
      expected == 0
        ? "\(Self.resistance(measured)) leak from \(one.text) to \(other?.text ?? "ground")"
        : "between \(one.text) and \(other?.text ?? "ground") is \(Self.resistance(measured))"
          + " instead of \(Self.resistance(expected))"
    }
  }

  /// What to check, as an instruction.
  var check: String {
    switch self {
    case .swapped: "exchange the two leads, or their channels in the bench file"
    case .open: "check its lead and its contact"
    case .reversed:
      "check which of its leads is HI and which LO, and whether a generator's output is inverted"
    case .amplitude:
      "check the generator's load setting against what its output sees: 50 Ω or high impedance"
    case .resistance(_, _, let measured, let expected):
      measured > expected
        ? "look for dirt, a leaky gate or a wrong resistor"
        : "look for a missing or a wrong resistor"
    }
  }

  private static func resistance(_ siemens: Double) -> String {
    siemens > 0 ? Quantity(1 / siemens, .ohm).formatted(digits: 3) : "no resistor"
  }
}

/// A current that differs from what was expected.
public struct CurrentEvidence: Codable, Sendable, Equatable {
  public var driven: Lead
  /// Volts.
  public var level: Double
  public var meter: Lead
  /// Amperes into the instrument.
  public var measured: Double
  public var expected: Double

  var text: String {
    "with \(driven.terminal) at \(Quantity(level, .volt).formatted(digits: 3)), \(meter.text)"
      + " measured \(Quantity(measured, .ampere).formatted(digits: 3)), expected"
      + " \(Quantity(expected, .ampere).formatted(digits: 3))"
  }
}

/// Something wrong with a bench.
public enum CommissioningFault: Verdict {
  /// Currents that one of these explains; none if several faults are at work.
  case wiring([WiringFault], evidence: CurrentEvidence)
  /// A terminal reached its current limit, in amperes, while one was driven.
  case overload(Lead, driven: Lead, level: Double, limit: Double, candidates: [String])
  /// A device's current is within the noise: what was measured and what would show, in amperes.
  case silent(device: String, Lead, level: Double, measured: Double, least: Double)
  /// A read of a device is beyond the bench's limits of what it conducts or leaks.
  case beyondLimits(device: String, Lead, isLeak: Bool, measured: Double, bound: Double)
  /// A meter's offset or noise, in amperes, is more than it may be.
  case offset(Lead, measured: Double, most: Double)
  case noise(Lead, measured: Double, most: Double)
  /// Reads of a device settle later than protocols read, in seconds.
  case slow(device: String, Lead, settles: Double, settle: Double)

  public var text: String {
    func amperes(_ value: Double) -> String { Quantity(value, .ampere).formatted(digits: 3) }
    func seconds(_ value: Double) -> String { Quantity(value, .second).formatted(digits: 3) }
    switch self {
    case .wiring(let causes, let evidence):
      if causes.isEmpty {
        return "\(evidence.text); no single fault explains the currents: check every lead of"
          + " \(evidence.driven.terminal) and \(evidence.meter.terminal)"
      }
      let claims = causes.map(\.text).joined(separator: ", or ")
      return "\(claims): \(evidence.text); \(causes[0].check)"
    case .overload(let lead, let driven, let level, let limit, let candidates):
      let partner =
        lead != driven
        ? "\(driven.text) and \(lead.text) touch"
        : "\(driven.text) touches \((candidates + ["ground"]).joined(separator: " or "))"
      return
        "\(partner): with \(driven.terminal) at \(Quantity(level, .volt).formatted(digits: 3)),"
        + " \(lead.text) reached its current limit of \(amperes(limit)); look for a short"
    case .silent(let device, let lead, let level, let measured, let least):
      return "\(device) does not conduct: with \(lead.text) at"
        + " \(Quantity(level, .volt).formatted(digits: 3)) flowed \(amperes(measured)), at least"
        + " \(amperes(least)) expected; check the leads of its drain and row"
    case .beyondLimits(let device, let lead, let isLeak, let measured, let bound):
      func text(_ value: Double) -> String {
        Quantity(value, isLeak ? .ampere : .siemens).formatted(digits: 3)
      }
      return "\(device), read at \(lead.text), \(isLeak ? "leaks" : "conducts") \(text(measured)),"
        + " beyond the bench's limit of \(text(bound)): check the leads of its drain, row and gate,"
        + " then the device"
    case .offset(let lead, let measured, let most):
      return "\(lead.text) measures \(amperes(measured)) at 0 V, at most \(amperes(most)) expected:"
        + " let it warm up, zero it, and look for a leak"
    case .noise(let lead, let measured, let most):
      return "\(lead.text) is noisy: \(amperes(measured)) in one read, at most \(amperes(most))"
        + " expected; check shields, the ground, and what hums nearby"
    case .slow(let device, let lead, let settles, let settle):
      return "\(device), read at \(lead.text), settles in \(seconds(settles)), later than the"
        + " \(seconds(settle)) of settle: shorten the line or raise settle"
    }
  }
}
