import SaltireDevices

/// A file of reads from another laboratory: it is read or refused, and what is read is recorded
/// as it was.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do throws(MeasuredCurveError) {
    let text = try CurveText.decoded(bytes(start, count), file: "it")
    let curve = try MeasuredCurve(text, file: "it")
    precondition(curve.cycles.allSatisfy { ($0.up + $0.down).allSatisfy(\.isFinite) })
    let again = try MeasuredCurve(recorded: curve.record, file: "it")
    precondition(again.cycles == curve.cycles)
  } catch {
    precondition(!error.message.isEmpty)
  }
  return 0
}
