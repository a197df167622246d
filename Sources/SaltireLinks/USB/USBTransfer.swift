import CUSB
import Foundation

/// One transfer of libusb that is used again and again, with its buffer.
final class USBTransfer {
  let raw: UnsafeMutablePointer<libusb_transfer>
  /// A transfer is freed before its device is closed.
  private let claim: USBClaim
  private(set) var buffer: UnsafeMutableRawBufferPointer
  /// Whether libusb has it.
  fileprivate(set) var isUnderWay = false

  /// - Throws: ``LinkError/io(call:errno:)`` when there is no memory.
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
    // One that never came back belongs to libusb.
    guard !isUnderWay else {
      raw.pointee.user_data = nil
      return
    }
    libusb_free_transfer(raw)
    buffer.deallocate()
  }

  /// Makes the buffer at least so long; what was in it is lost.
  ///
  /// - Throws: ``LinkError/disconnected`` while libusb has it: one that could
  ///   not be cancelled never comes back.
  func reserve(_ count: Int) throws(LinkError) {
    guard !isUnderWay else { throw .disconnected }
    guard buffer.count < count else { return }
    buffer.deallocate()
    buffer = .allocate(byteCount: count, alignment: 16)
    raw.pointee.buffer = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
  }

  /// Puts `bytes` into the buffer, to be sent.
  ///
  /// - Throws: as ``reserve(_:)``.
  func fill(_ bytes: some Collection<UInt8>) throws(LinkError) {
    try reserve(bytes.count)
    buffer.copyBytes(from: bytes)
    raw.pointee.length = Int32(bytes.count)
  }

  /// Hands it to libusb.
  func submit() throws(LinkError) {
    isUnderWay = true
    let status = libusb_submit_transfer(raw)
    guard status == 0 else {
      isUnderWay = false
      throw USBSystem.error(status, "libusb_submit_transfer")
    }
  }

  var count: Int { Int(raw.pointee.actual_length) }

  /// What the last transfer brought.
  var received: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer.prefix(count)) }
}
