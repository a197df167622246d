import CUSB
import Foundation

/// libusb, and what it sees.
///
/// Each link has one of its own: what one waits for never waits for another.
final class USBSystem {
  let context: OpaquePointer

  /// - Throws: ``LinkError``.
  init() throws(LinkError) {
    var context: OpaquePointer?
    let status = libusb_init(&context)
    guard status == 0, let context else { throw Self.error(status, "libusb_init") }
    self.context = context
  }

  deinit { libusb_exit(context) }

  /// Calls `body` with every device, which is not opened; the pointer is good
  /// inside the call only, unless referenced.
  func forEachDevice(_ body: (OpaquePointer) -> Void) {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = libusb_get_device_list(context, &list)
    guard count >= 0, let list else { return }
    for index in 0..<count { if let device = list[index] { body(device) } }
    libusb_free_device_list(list, 1)
  }

  /// What a status of libusb means for a link.
  static func error(_ status: Int32, _ call: String) -> LinkError {
    switch libusb_error(rawValue: status) {
    case LIBUSB_ERROR_NO_DEVICE: .disconnected
    case LIBUSB_ERROR_PIPE: .stalled(call)
    case LIBUSB_ERROR_TIMEOUT: .timeout(received: 0)
    case LIBUSB_ERROR_ACCESS: .io(call: call, errno: EACCES)
    case LIBUSB_ERROR_BUSY: .io(call: call, errno: EBUSY)
    case LIBUSB_ERROR_NO_MEM: .io(call: call, errno: ENOMEM)
    case LIBUSB_ERROR_NOT_FOUND: .io(call: call, errno: ENOENT)
    case LIBUSB_ERROR_OVERFLOW: .malformed("more bytes than there was room for")
    default: .io(call: call, errno: EIO)
    }
  }
}
