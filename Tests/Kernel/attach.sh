#!/bin/bash
# Plugs in the device 1-1 of a USB/IP server on this machine: asks for it, and
# gives the connection to the kernel (Linux, Documentation/usb/usbip_protocol.rst).
set -euo pipefail
exec 5<>"/dev/tcp/127.0.0.1/$1"
{ printf '\x01\x11\x80\x03\0\0\0\0001-1'; head -c 29 /dev/zero; } >&5
# A header, whose status is its last byte; what is known of the device.
header=$(dd bs=1 count=8 <&5 2>/dev/null | od -An -v -tu1)
read -r -a bytes <<<"$header"
[ "${bytes[7]}" = 0 ] || { echo "the device is not to be had"; exit 1; }
dd bs=1 count=312 <&5 >/dev/null 2>&1
# Port 0; bus 1, device 2; high speed.
echo "0 5 $((1 << 16 | 2)) 3" >/sys/devices/platform/vhci_hcd.0/attach
