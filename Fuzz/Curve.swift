import SaltireDevices

/// A file of reads from another laboratory: it is read, and every read is finite, or it is refused.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do throws(MeasuredCurveError) {
    let text = try CurveText.decoded(bytes(start, count), file: "it")
    let curve = try MeasuredCurve(text, file: "it")
    precondition(!curve.summary.isEmpty && !curve.cycles.isEmpty)
    precondition(curve.cycles.allSatisfy { ($0.up + $0.down).allSatisfy(\.isFinite) })
  } catch {
    precondition(!error.message.isEmpty)
  }
  return 0
}
