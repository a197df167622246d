import CUSB
import Foundation

/// A reusable libusb transfer with its buffer.
final class USBTransfer {
  let raw: UnsafeMutablePointer<libusb_transfer>
  /// Keeps the device open until the transfer is freed.
  private let claim: USBClaim
  private(set) var buffer: UnsafeMutableRawBufferPointer
  /// Whether libusb owns it.
  fileprivate(set) var isUnderWay = false

  /// - Throws: ``LinkError/io(call:errno:)`` if memory is exhausted.
  init(_ claim: USBClaim, endpoint: UInt8, kind: libusb_transfer_type) throws(LinkError) {
    guard let raw = libusb_alloc_transfer(0) else {
      throw .io(call: "libusb_alloc_transfer", errno: ENOMEM)
    }
    self.raw = raw
    self.claim = claim
    buffer = .allocate(byteCount: 0, alignment: 16)
    raw.pointee.dev_handle = claim.handle
    raw.pointee.endpoint = endpoint
    raw.pointee.type = UInt8(kind.rawValue)
    raw.pointee.callback = { transfer in
      guard let user = transfer?.pointee.user_data else { return }
      Unmanaged<USBTransfer>.fromOpaque(user).takeUnretainedValue().isUnderWay = false
    }
    raw.pointee.user_data = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit {
    // A transfer that never returned still belongs to libusb.
    guard !isUnderWay else {
      raw.pointee.user_data = nil
      return
    }
    libusb_free_transfer(raw)
    buffer.deallocate()
  }

  /// Ensures the size of the buffer; its contents are lost.
  ///
  /// - Throws: ``LinkError/disconnected`` while libusb owns it: a transfer that could not be
  ///   cancelled never returns.
  func reserve(_ count: Int) throws(LinkError) {
    guard !isUnderWay else { throw .disconnected }
    guard buffer.count < count else { return }
    buffer.deallocate()
    buffer = .allocate(byteCount: count, alignment: 16)
    raw.pointee.buffer = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
  }

  /// Copies `bytes` into the buffer for sending.
  ///
  /// - Throws: as ``reserve(_:)``.
  func fill(_ bytes: some Collection<UInt8>) throws(LinkError) {
    try reserve(bytes.count)
    buffer.copyBytes(from: bytes)
    raw.pointee.length = Int32(bytes.count)
  }

  /// Submits it to libusb.
  func submit() throws(LinkError) {
    isUnderWay = true
    let status = libusb_submit_transfer(raw)
    guard status == 0 else {
      isUnderWay = false
      throw USBSystem.error(status, "libusb_submit_transfer")
    }
  }

  var count: Int { Int(raw.pointee.actual_length) }

  /// The bytes of the last transfer.
  var received: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer.prefix(count)) }
}
