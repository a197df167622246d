// Requests and descriptors of every USB device.

#include "device.h"

#include <string.h>

enum { DEVICE_SIZE = 18, MOST_CONFIGURATION = 39 };

static size_t put_endpoint(uint8_t *bytes, uint8_t address, uint8_t type, uint16_t packet,
    uint8_t interval) {
  const uint8_t descriptor[] = {
    7, 5, address, type, (uint8_t)packet, (uint8_t)(packet >> 8), interval,
  };
  memcpy(bytes, descriptor, sizeof descriptor);
  return sizeof descriptor;
}

static void put_device(const struct usbtmc_device *device, uint8_t *bytes) {
  const uint16_t vendor = device->options.vendor, product = device->options.product;
  const uint8_t descriptor[DEVICE_SIZE] = {
    DEVICE_SIZE, 1, 0x00, 0x02, 0, 0, 0, 64, (uint8_t)vendor, (uint8_t)(vendor >> 8),
    (uint8_t)product, (uint8_t)(product >> 8), 0x00, 0x01, 1, 2, 3, 1,
  };
  memcpy(bytes, descriptor, sizeof descriptor);
}

static size_t put_configuration(const struct usbtmc_device *device, uint8_t *bytes) {
  const struct usbtmc_options *options = &device->options;
  const uint8_t descriptor[] = {
    9, 2, 0, 0, 1, 1, 0, 0xC0, 50,
    9, 4, options->interface, 0, options->has_interrupt ? 3 : 2, 0xFE, 3, options->is_488, 0,
  };
  memcpy(bytes, descriptor, sizeof descriptor);
  size_t size = sizeof descriptor;
  size += put_endpoint(bytes + size, USBTMC_BULK_OUT, 2, options->packet, 0);
  size += put_endpoint(bytes + size, USBTMC_BULK_IN, 2, options->packet, 0);
  if (options->has_interrupt) size += put_endpoint(bytes + size, USBTMC_INTERRUPT_IN, 3, 2, 6);
  bytes[2] = (uint8_t)size;
  return size;
}

size_t usbtmc_descriptors(const struct usbtmc_device *device, uint8_t *bytes, size_t size) {
  uint8_t all[DEVICE_SIZE + MOST_CONFIGURATION];
  put_device(device, all);
  const size_t count = DEVICE_SIZE + put_configuration(device, all + DEVICE_SIZE);
  memcpy(bytes, all, count < size ? count : size);
  return count;
}

// A string of ASCII in UTF-16.
static size_t put_string(const char *text, uint8_t *bytes) {
  size_t length = strlen(text);
  if (length > 126) length = 126;
  bytes[0] = (uint8_t)(2 + 2 * length);
  bytes[1] = 3;
  for (size_t index = 0; index < length; index++) {
    bytes[2 + 2 * index] = (uint8_t)text[index];
    bytes[3 + 2 * index] = 0;
  }
  return bytes[0];
}

static int get_descriptor(const struct usbtmc_device *device, uint8_t type, uint8_t index,
    uint8_t *bytes) {
  static const uint8_t languages[] = { 4, 3, 0x09, 0x04 };
  switch (type << 8 | index) {
    case 0x0100: put_device(device, bytes); return DEVICE_SIZE;
    case 0x0200: return (int)put_configuration(device, bytes);
    case 0x0300: memcpy(bytes, languages, sizeof languages); return sizeof languages;
    case 0x0301: return (int)put_string(device->options.manufacturer_name, bytes);
    case 0x0302: return (int)put_string(device->options.product_name, bytes);
    case 0x0303: return (int)put_string(device->options.serial, bytes);
    default: return USBTMC_STALL;
  }
}

int standard_control(struct usbtmc_device *device, const uint8_t setup[8], uint8_t *data) {
  enum { GET_STATUS = 0, CLEAR_FEATURE = 1, GET_DESCRIPTOR = 6, GET_CONFIGURATION = 8,
    SET_CONFIGURATION = 9, SET_INTERFACE = 11 };
  uint8_t answer[256] = { 0 };
  int count = USBTMC_STALL;
  switch (setup[1]) {
    case GET_STATUS:
      answer[0] = setup[0] == 0x82 && usbtmc_is_halted(device, setup[4]);
      count = 2;
      break;
    case CLEAR_FEATURE:
      if (setup[0] == 0x02) usbtmc_clear_halt(device, setup[4]);
      return 0;
    case GET_DESCRIPTOR: count = get_descriptor(device, setup[3], setup[2], answer); break;
    case GET_CONFIGURATION:
      answer[0] = 1;
      count = 1;
      break;
    case SET_CONFIGURATION:
    case SET_INTERFACE: usbtmc_configured(device); return 0;
  }
  const int length = setup[6] | setup[7] << 8;
  if (count > length) count = length;
  if (count > 0) memcpy(data, answer, (size_t)count);
  return count;
}
