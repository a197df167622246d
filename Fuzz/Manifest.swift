import SaltireCore
import SaltireBenches
import SaltireRecords

/// The manifest of a session that came by mail: what decodes can be read as what it says it
/// is, or is refused.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: bytes(start, count), as: UTF8.self)
  guard let manifest = JSONText.decode(Manifest.self, from: text) else { return 0 }
  _ = manifest.deviceTexts
  for source in [manifest.bench, manifest.protocol] + manifest.attachments {
    guard let document = try? Document(name: source.name, text: source.text) else { continue }
    do throws(Diagnostics) {
      _ = try BenchFile(document, attachments: manifest.attachments)
    } catch {
      precondition(!error.rendered.isEmpty)
    }
  }
  return 0
}
