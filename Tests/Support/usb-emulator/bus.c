#define _GNU_SOURCE
// Where devices are in sysfs, and the events when they come and go.

#include "emulator.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTROLLER "/devices/pci0000:00/0000:00:14.0"

// A bus has 127 addresses. As with Linux, that of a device that has gone is not
// given away soon: who still has the old one in mind shall not meet another.
enum { BUSES = 8, NUMBERS = 120 };
static bool is_taken[BUSES * NUMBERS];
static bool has_hub[BUSES];

// libumockdev sends an event to every socket that listens for them, and aborts
// where one of them goes meanwhile or its queue is full, which Linux makes 10
// long. Its calls come here, since definitions in an executable go first.

int connect(int descriptor, const struct sockaddr *address, socklen_t length) {
  static int (*next)(int, const struct sockaddr *, socklen_t);
  if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "connect");
  const int result = next(descriptor, address, length);
  // A listener that has gone: what libumockdev passes over is a refusal.
  if (result != 0 && errno == ENOENT && address->sa_family == AF_UNIX) errno = ECONNREFUSED;
  return result;
}

static ssize_t length_of(const struct msghdr *message) {
  size_t length = 0;
  for (size_t index = 0; index < message->msg_iovlen; index++) {
    length += message->msg_iov[index].iov_len;
  }
  return (ssize_t)length;
}

ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags) {
  static ssize_t (*next)(int, const struct msghdr *, int);
  if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "sendmsg");
  ssize_t count;
  while ((count = next(descriptor, message, flags)) < 0 && errno == EAGAIN) g_usleep(1000);
  // Only events are sent to a named socket. Who has closed theirs misses them.
  const bool is_event = message->msg_name != NULL;
  return count < 0 && is_event ? length_of(message) : count;
}

// MARK: Root hubs

static void add(const char *record) {
  GError *error = NULL;
  if (!umockdev_testbed_add_from_string(testbed, record, &error)) {
    g_error("umockdev refuses a device: %s\n%s", error->message, record);
  }
}

static void add_hub(int bus) {
  char *record = g_strdup_printf(
      "P: " CONTROLLER "/usb%d\n"
      "E: DEVNAME=/dev/bus/usb/%03d/001\nE: DEVTYPE=usb_device\nE: DRIVER=usb\n"
      "E: BUSNUM=%03d\nE: DEVNUM=001\nE: SUBSYSTEM=usb\n"
      "A: busnum=%d\\n\nA: devnum=1\\n\nA: speed=480\\n\nA: bConfigurationValue=1\\n\n"
      "A: bDeviceClass=09\\n\nA: idVendor=1d6b\\n\nA: idProduct=0002\\n\n"
      "H: descriptors=12010002090001406B1D020001060302010109021900010100E000"
      "0904000001090000000705810304000C\n",
      bus, bus, bus, bus);
  add(record);
  g_free(record);
}

// MARK: Places

void place_take(struct place *place) {
  static int last = -1;
  do last = (last + 1) % (BUSES * NUMBERS); while (is_taken[last]);
  is_taken[last] = true;
  const int port = 1 + last % NUMBERS;
  place->bus = 1 + last / NUMBERS;
  place->number = 1 + port;
  if (!has_hub[place->bus - 1]) {
    has_hub[place->bus - 1] = true;
    add_hub(place->bus);
  }
  place->syspath = g_strdup_printf(
      "/sys" CONTROLLER "/usb%d/%d-%d", place->bus, place->bus, port);
  place->devnode = g_strdup_printf("/dev/bus/usb/%03d/%03d", place->bus, place->number);
}

char *place_node_path(const struct place *place) {
  char *root = umockdev_testbed_get_root_dir(testbed);
  char *path = g_strconcat(root, place->devnode, NULL);
  g_free(root);
  return path;
}

// Of what a record's lines do not take as it is.
static char *escaped(const char *text) {
  char **parts = g_strsplit(text, "\\", -1);
  char *result = g_strjoinv("\\\\", parts);
  g_strfreev(parts);
  return result;
}

static void add_device(const struct place *place, const struct device *device) {
  const struct usbtmc_options *model = &device->options.model;
  uint8_t bytes[128];
  const size_t count = usbtmc_descriptors(device->model, bytes, sizeof bytes);
  GString *descriptors = g_string_new(NULL);
  for (size_t index = 0; index < count; index++) {
    g_string_append_printf(descriptors, "%02X", bytes[index]);
  }
  char *manufacturer = escaped(model->manufacturer_name);
  char *product = escaped(model->product_name), *serial = escaped(model->serial);
  char *record = g_strdup_printf(
      "P: %s\n"
      "E: DEVNAME=%s\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: PRODUCT=%x/%x/100\n"
      "E: TYPE=0/0/0\nE: BUSNUM=%03d\nE: DEVNUM=%03d\nE: MAJOR=189\nE: MINOR=%d\n"
      "E: SUBSYSTEM=usb\n"
      "A: busnum=%d\\n\nA: devnum=%d\\n\nA: speed=%d\\n\n"
      "A: bConfigurationValue=1\\n\nA: bNumConfigurations=1\\n\nA: bDeviceClass=00\\n\n"
      "A: idVendor=%04x\\n\nA: idProduct=%04x\\n\nA: manufacturer=%s\\n\nA: product=%s\\n\n"
      "A: serial=%s\\n\nH: descriptors=%s\n",
      place->syspath + strlen("/sys"), place->devnode, model->vendor, model->product, place->bus,
      place->number, 128 * (place->bus - 1) + place->number - 1, place->bus, place->number,
      model->packet == 512 ? 480 : 12, model->vendor, model->product, manufacturer, product,
      serial, descriptors->str);
  add(record);
  g_free(record);
  g_free(manufacturer);
  g_free(product);
  g_free(serial);
  g_string_free(descriptors, TRUE);
}

static char *interface_syspath(const struct place *place, int interface) {
  char *name = g_path_get_basename(place->syspath);
  char *path = g_strdup_printf("%s/%s:1.%d", place->syspath, name, interface);
  g_free(name);
  return path;
}

void place_appear(const struct place *place, const struct device *device) {
  add_device(place, device);
  const struct usbtmc_options *model = &device->options.model;
  char *syspath = interface_syspath(place, model->interface);
  char *record = g_strdup_printf(
      "P: %s\n"
      "E: DEVTYPE=usb_interface\nE: INTERFACE=254/3/%d\nE: SUBSYSTEM=usb\n"
      "A: bInterfaceClass=fe\\n\nA: bInterfaceSubClass=03\\n\nA: bInterfaceProtocol=%02x\\n\n"
      "A: bInterfaceNumber=%02x\\n\n",
      syspath + strlen("/sys"), model->is_488, model->is_488, model->interface);
  add(record);
  g_free(record);
  g_free(syspath);
}

void place_show_driver(
    const struct place *place, const struct device *device, const char *driver) {
  char *root = umockdev_testbed_get_root_dir(testbed);
  char *interface = interface_syspath(place, device->options.model.interface);
  char *path = g_build_filename(root, interface, "driver", NULL);
  unlink(path);
  if (driver != NULL) {
    char *target = g_strconcat("../../../../../../bus/usb/drivers/", driver, NULL);
    if (symlink(target, path) != 0) g_warning("%s: %s", path, g_strerror(errno));
    g_free(target);
  }
  g_free(path);
  g_free(interface);
  g_free(root);
}

static void remove_device(const char *syspath) {
  umockdev_testbed_uevent(testbed, syspath, "remove");
  umockdev_testbed_remove_device(testbed, syspath);
}

void place_disappear(const struct place *place, const struct device *device) {
  char *interface = interface_syspath(place, device->options.model.interface);
  remove_device(interface);
  g_free(interface);
  remove_device(place->syspath);
  is_taken[(place->bus - 1) * NUMBERS + place->number - 2] = false;
}
