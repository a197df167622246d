import Foundation
import SaltireCore
import SaltireBenches
import SaltireRecords

/// The manifest of a session that came by mail: what decodes can be read as what it says it
/// is, or is refused.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let decoder = JSONDecoder()
  decoder.dateDecodingStrategy = .iso8601
  guard let manifest = try? decoder.decode(Manifest.self, from: Data(bytes(start, count))) else {
    return 0
  }
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
