import SaltireLinks

/// VISA resource strings: what is read is written so that it reads the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: bytes(start, count), as: UTF8.self)
  do throws(ResourceError) {
    let resource = try Resource(parsing: text)
    guard let again = try? Resource(parsing: resource.description) else {
      preconditionFailure("\(text.debugDescription) is written as \(resource)")
    }
    precondition(again == resource, "\(text.debugDescription) is written as \(resource)")
  } catch {
    precondition(!error.message.isEmpty)
  }
  return 0
}
