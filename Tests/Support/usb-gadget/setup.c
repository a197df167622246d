// What the kernel has to know: the gadget in configfs, its function's
// descriptors in FunctionFS.

#define _GNU_SOURCE
#include "gadget.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <linux/usb/functionfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define GADGET "/sys/kernel/config/usb_gadget/usbtmc"
#define FILES "/dev/usbtmc-gadget"

enum { HIGH_SPEED_PACKET = 512, FULL_SPEED_PACKET = 64 };

// MARK: Descriptors

struct function {
  struct usb_interface_descriptor interface;
  struct usb_endpoint_descriptor_no_audio endpoints[ENDPOINTS];
} __attribute__((packed));

static struct usb_endpoint_descriptor_no_audio describe(
    uint8_t address, uint8_t type, int packet, uint8_t interval) {
  return (struct usb_endpoint_descriptor_no_audio){
    .bLength = USB_DT_ENDPOINT_SIZE,
    .bDescriptorType = USB_DT_ENDPOINT,
    .bEndpointAddress = address,
    .bmAttributes = type,
    .wMaxPacketSize = htole16(packet),
    .bInterval = interval,
  };
}

static struct function function_with(int packet, uint8_t interval) {
  return (struct function){
    .interface = {
      .bLength = USB_DT_INTERFACE_SIZE,
      .bDescriptorType = USB_DT_INTERFACE,
      .bNumEndpoints = ENDPOINTS,
      .bInterfaceClass = 0xFE,
      .bInterfaceSubClass = 3,
      .bInterfaceProtocol = 1,
      .iInterface = 1,
    },
    .endpoints = {
      [OUT] = describe(USBTMC_BULK_OUT, USB_ENDPOINT_XFER_BULK, packet, 0),
      [IN] = describe(USBTMC_BULK_IN, USB_ENDPOINT_XFER_BULK, packet, 0),
      [INTERRUPT] = describe(USBTMC_INTERRUPT_IN, USB_ENDPOINT_XFER_INT, 2, interval),
    },
  };
}

static void write_descriptors(int control) {
  struct {
    struct usb_functionfs_descs_head_v2 head;
    __le32 full_speed_count, high_speed_count;
    struct function full_speed, high_speed;
  } __attribute__((packed)) descriptors = {
    .head = {
      .magic = htole32(FUNCTIONFS_DESCRIPTORS_MAGIC_V2),
      .length = htole32(sizeof descriptors),
      // The controller has addresses of its own. FunctionFS could hide that, but
      // Linux 6.1 then does not find the descriptors of its endpoints.
      .flags = htole32(FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC),
    },
    .full_speed_count = htole32(1 + ENDPOINTS),
    .high_speed_count = htole32(1 + ENDPOINTS),
    .full_speed = function_with(FULL_SPEED_PACKET, 4),
    .high_speed = function_with(HIGH_SPEED_PACKET, 6),
  };
  struct {
    struct usb_functionfs_strings_head head;
    __le16 language;
    char name[7];
  } __attribute__((packed)) strings = {
    .head = {
      .magic = htole32(FUNCTIONFS_STRINGS_MAGIC),
      .length = htole32(sizeof strings),
      .str_count = htole32(1),
      .lang_count = htole32(1),
    },
    .language = htole16(0x0409),
    .name = "USBTMC",
  };
  if (write(control, &descriptors, sizeof descriptors) < 0) fail("descriptors");
  if (write(control, &strings, sizeof strings) < 0) fail("strings");
}

// MARK: configfs

void gadget_write(const char *path, const char *text) {
  const int descriptor = open(path, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0 || write(descriptor, text, strlen(text)) < 0) fail(path);
  close(descriptor);
}

void gadget_plug(void) { gadget_write(GADGET "/UDC", "dummy_udc.0"); }

void gadget_unplug(void) { gadget_write(GADGET "/UDC", "\n"); }

static void make_folder(const char *path) {
  if (mkdir(path, 0755) != 0 && errno != EEXIST) fail(path);
}

static int open_file(const char *name) {
  char path[64];
  snprintf(path, sizeof path, FILES "/%s", name);
  const int descriptor = open(path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) fail(path);
  return descriptor;
}

void gadget_create(struct gadget *gadget, const char *serial) {
  make_folder(GADGET);
  gadget_write(GADGET "/idVendor", "0x1209");
  gadget_write(GADGET "/idProduct", "0x7e57");
  make_folder(GADGET "/strings/0x409");
  gadget_write(GADGET "/strings/0x409/manufacturer", "SALTIRE");
  gadget_write(GADGET "/strings/0x409/product", "GADGET");
  gadget_write(GADGET "/strings/0x409/serialnumber", serial);
  make_folder(GADGET "/configs/c.1");
  make_folder(GADGET "/functions/ffs.usbtmc");
  if (symlink(GADGET "/functions/ffs.usbtmc", GADGET "/configs/c.1/ffs.usbtmc") != 0) {
    fail("the function");
  }
  make_folder(FILES);
  if (mount("usbtmc", FILES, "functionfs", 0, NULL) != 0) fail("functionfs");
  gadget->control = open_file("ep0");
  write_descriptors(gadget->control);
  gadget->files[OUT] = open_file("ep1");
  gadget->files[IN] = open_file("ep2");
  gadget->files[INTERRUPT] = open_file("ep3");
}
