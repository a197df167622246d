import CUSB
import Foundation

/// A libusb context.
///
/// Each link has its own context, so that no link waits for events of another.
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

  /// Calls `body` with every device without opening it. The pointer is valid only during the call,
  /// unless referenced.
  func forEachDevice(_ body: (OpaquePointer) -> Void) {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = libusb_get_device_list(context, &list)
    guard count >= 0, let list else { return }
    for index in 0..<count { if let device = list[index] { body(device) } }
    libusb_free_device_list(list, 1)
  }

  /// The link error for a libusb status.
  static func error(_ status: Int32, _ call: String) -> LinkError {
    switch libusb_error(rawValue: status) {
    case LIBUSB_ERROR_NO_DEVICE: .disconnected
    case LIBUSB_ERROR_PIPE: .stalled(call)
    case LIBUSB_ERROR_TIMEOUT: .timeout(received: 0)
    case LIBUSB_ERROR_ACCESS: .io(call: call, errno: EACCES)
    case LIBUSB_ERROR_BUSY: .io(call: call, errno: EBUSY)
    case LIBUSB_ERROR_NO_MEM: .io(call: call, errno: ENOMEM)
    case LIBUSB_ERROR_NOT_FOUND: .io(call: call, errno: ENOENT)
    case LIBUSB_ERROR_OVERFLOW: .malformed("more bytes than requested")
    default: .io(call: call, errno: EIO)
    }
  }
}
