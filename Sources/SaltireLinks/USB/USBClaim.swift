import CUSB
import Foundation

/// An open device whose interface this object claims until it is released.
final class USBClaim {
  let system: USBSystem
  let handle: OpaquePointer
  let interface: USBInterface

  init(_ address: String, fits: (USBInterface) -> Bool) throws(LinkError) {
    system = try USBSystem()
    var found: [(device: OpaquePointer, interface: USBInterface)] = []
    system.forEachDevice { device in
      for interface in USBInterface.interfaces(of: device) where fits(interface) {
        found.append((libusb_ref_device(device), interface))
      }
    }
    defer { for (device, _) in found { libusb_unref_device(device) } }
    guard let (device, interface) = found.first else {
      throw .unreachable(address: address, reason: "no such USB device is connected")
    }
    guard found.count == 1 else {
      let names = found.map(\.interface.resource.description).sorted().joined(separator: " and ")
      throw .unreachable(address: address, reason: "more than one device matches: \(names)")
    }
    self.interface = interface
    var handle: OpaquePointer?
    let opened = libusb_open(device, &handle)
    if opened == LIBUSB_ERROR_ACCESS.rawValue { throw .denied(address: interface.node) }
    guard opened == 0, let handle else { throw USBSystem.error(opened, "libusb_open") }
    // Neither the configuration nor the alternate setting is set again, because that hangs some
    // devices.
    libusb_set_auto_detach_kernel_driver(handle, 1)
    let claimed = libusb_claim_interface(handle, Int32(interface.number))
    guard claimed == 0 else {
      libusb_close(handle)
      // The kernel's driver is already detached, so another program holds the interface.
      throw claimed == LIBUSB_ERROR_BUSY.rawValue
        ? .busy(
          address: interface.node,
          by: HostSystem().holders(of: interface.node).first { !$0.hasSuffix("(\(getpid()))") })
        : USBSystem.error(claimed, "libusb_claim_interface")
    }
    self.handle = handle
  }

  deinit {
    libusb_release_interface(handle, Int32(interface.number))
    libusb_close(handle)
  }
}
