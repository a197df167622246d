public import ArgumentParser
import SaltireCore
public import SaltireDevices

/// What a user says of a file of reads: the keys of a `format` section as options.
struct CurveOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Columns by name or number: up and down, or reads with direction; cycle, device.",
      valueName: "up=2,down=1"))
  var columns: String?

  @Option(help: "The device, if the file has several.")
  var device: String?

  @Option(
    help: ArgumentHelp("The file of the down branches.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var downFile: String?

  @Option(help: ArgumentHelp("The reads are currents at this voltage.", valueName: "voltage"))
  var readVoltage: String?

  @Flag(help: "The reads are resistances.")
  var resistance = false

  @Option(
    help: ArgumentHelp(
      "Branches that are stored last read first: up, down or both.", valueName: "branch"))
  var reverse: CurveFormat.Reversed?

  @Option(help: ArgumentHelp("The decimal sign: point or comma.", valueName: "sign"))
  var decimal: CurveFormat.DecimalSign?

  @Option(
    help: ArgumentHelp(
      "Pulses of the branches that stand in one column.", valueName: "up=91,down=78"))
  var pulses: String?

  /// - Throws: ``Failure`` for an option that cannot be read.
  func format() throws -> CurveFormat {
    var format = CurveFormat()
    do throws(MeasuredCurveError) {
      if let columns { try format.setColumns(columns) }
      if let pulses { try format.setPulses(pulses) }
    } catch {
      throw Failure(.usage, error.message)
    }
    format.device = device
    format.downFile = downFile.map { Located($0) }
    format.resistance = resistance
    format.reverse = reverse
    format.decimal = decimal
    if let readVoltage {
      // A plain number is in volts.
      let text = Double(readVoltage) == nil ? readVoltage : "\(readVoltage) V"
      do throws(QuantityError) {
        format.readVoltage = try Quantity(parsing: text, as: .volt).value
      } catch {
        throw Failure(.usage, "--read-voltage: \(error.message)")
      }
      guard (1e-9...100).contains(abs(format.readVoltage ?? 0)) else {
        throw Failure(.usage, "--read-voltage is outside 1 nV … 100 V")
      }
    }
    return format
  }
}

extension CurveFormat.Reversed: ExpressibleByArgument {}
extension CurveFormat.DecimalSign: ExpressibleByArgument {}
