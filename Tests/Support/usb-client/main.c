// The least program that queries a USBTMC instrument with libusb:
//
//   usb-client VID PID SERIAL COUNT [QUERY]
//
// sends the query, *IDN? if none is given, so many times and prints the
// replies; without a question mark in it there is none. With a COUNT of more than 10 it prints how many came and how many
// microseconds each took. It is what others are compared with: it checks what
// libusb says and the headers, and helps nobody out of trouble.

#include <libusb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// As much of a reply at once as goes into one request of the kernel.
enum { BUFFER_SIZE = 16384, HEADER_SIZE = 12, MOST_REPLY = BUFFER_SIZE - 512 };
enum { TIMEOUT_MS = 5000, MOST_PRINTED = 10 };

struct instrument {
  libusb_device_handle *handle;
  uint8_t interface, bulk_out, bulk_in, tag;
};

static void fail(const char *what, int error) {
  fprintf(stderr, "usb-client: %s: %s\n", what, libusb_error_name(error));
  exit(EXIT_FAILURE);
}

// MARK: Finding it

// The USBTMC interface of a device. False if it has none.
static int find_interface(libusb_device *device, struct instrument *instrument) {
  struct libusb_config_descriptor *configuration;
  if (libusb_get_active_config_descriptor(device, &configuration) != 0) return 0;
  int is_found = 0;
  for (int index = 0; index < configuration->bNumInterfaces && !is_found; index++) {
    const struct libusb_interface_descriptor *setting = configuration->interface[index].altsetting;
    if (setting->bInterfaceClass != 0xFE || setting->bInterfaceSubClass != 3) continue;
    is_found = 1;
    instrument->interface = setting->bInterfaceNumber;
    for (int number = 0; number < setting->bNumEndpoints; number++) {
      const struct libusb_endpoint_descriptor *endpoint = &setting->endpoint[number];
      if ((endpoint->bmAttributes & 3) != LIBUSB_TRANSFER_TYPE_BULK) continue;
      if (endpoint->bEndpointAddress & LIBUSB_ENDPOINT_IN) {
        instrument->bulk_in = endpoint->bEndpointAddress;
      } else {
        instrument->bulk_out = endpoint->bEndpointAddress;
      }
    }
  }
  libusb_free_config_descriptor(configuration);
  return is_found;
}

static int has_serial(libusb_device_handle *handle, const char *serial) {
  struct libusb_device_descriptor descriptor;
  unsigned char text[256];
  libusb_get_device_descriptor(libusb_get_device(handle), &descriptor);
  const int length = libusb_get_string_descriptor_ascii(
      handle, descriptor.iSerialNumber, text, sizeof text);
  return length > 0 && strcmp((char *)text, serial) == 0;
}

static int open_instrument(
    long vendor, long product, const char *serial, struct instrument *instrument) {
  libusb_device **devices;
  const ssize_t count = libusb_get_device_list(NULL, &devices);
  int error = LIBUSB_ERROR_NOT_FOUND;
  for (ssize_t index = 0; index < count && error != 0; index++) {
    struct libusb_device_descriptor descriptor;
    libusb_get_device_descriptor(devices[index], &descriptor);
    if (descriptor.idVendor != vendor || descriptor.idProduct != product) continue;
    if (!find_interface(devices[index], instrument)) continue;
    if ((error = libusb_open(devices[index], &instrument->handle)) != 0) continue;
    if (has_serial(instrument->handle, serial)) break;
    libusb_close(instrument->handle);
    error = LIBUSB_ERROR_NOT_FOUND;
  }
  libusb_free_device_list(devices, 1);
  if (error != 0) return error;
  libusb_set_auto_detach_kernel_driver(instrument->handle, 1);
  return libusb_claim_interface(instrument->handle, instrument->interface);
}

// MARK: Talking

static void put_header(struct instrument *instrument, uint8_t *header, uint8_t id, uint32_t size) {
  instrument->tag = instrument->tag == 255 ? 1 : instrument->tag + 1;
  memset(header, 0, HEADER_SIZE);
  header[0] = id;
  header[1] = instrument->tag;
  header[2] = (uint8_t)~instrument->tag;
  for (int index = 0; index < 4; index++) header[4 + index] = (uint8_t)(size >> 8 * index);
  header[8] = id == 1;
}

static void send(struct instrument *instrument, const char *query) {
  const size_t length = strlen(query);
  const size_t size = HEADER_SIZE + (length + 3) / 4 * 4;
  uint8_t *bytes = calloc(1, size);
  put_header(instrument, bytes, 1, (uint32_t)length);
  memcpy(bytes + HEADER_SIZE, query, length);
  int sent;
  const int error = libusb_bulk_transfer(
      instrument->handle, instrument->bulk_out, bytes, (int)size, &sent, TIMEOUT_MS);
  if (error != 0) fail("the query", error);
  free(bytes);
}

// Takes one transfer of a reply, without the header, to the start of `bytes`.
// Returns whether it was the last.
static int receive(struct instrument *instrument, uint8_t *bytes, uint32_t *size) {
  uint8_t request[HEADER_SIZE];
  put_header(instrument, request, 2, MOST_REPLY);
  int count;
  int error = libusb_bulk_transfer(
      instrument->handle, instrument->bulk_out, request, sizeof request, &count, TIMEOUT_MS);
  if (error != 0) fail("the request", error);
  error = libusb_bulk_transfer(
      instrument->handle, instrument->bulk_in, bytes, BUFFER_SIZE, &count, TIMEOUT_MS);
  if (error != 0) fail("the reply", error);
  *size = (uint32_t)(bytes[4] | bytes[5] << 8 | bytes[6] << 16) | (uint32_t)bytes[7] << 24;
  if (count < HEADER_SIZE || bytes[0] != 2 || bytes[1] != instrument->tag
      || bytes[2] != (uint8_t)~instrument->tag || *size > (uint32_t)count - HEADER_SIZE) {
    fail("the reply's header", LIBUSB_ERROR_OTHER);
  }
  const int is_last = bytes[8] & 1;
  memmove(bytes, bytes + HEADER_SIZE, *size);
  return is_last;
}

static void query(struct instrument *instrument, const char *text, uint8_t *bytes, int prints) {
  send(instrument, text);
  int is_last = strchr(text, '?') == NULL;
  while (!is_last) {
    uint32_t size;
    is_last = receive(instrument, bytes, &size);
    if (prints) fwrite(bytes, 1, size, stdout);
  }
}

int main(int count, char **arguments) {
  if (count != 5 && count != 6) {
    fputs("usage: usb-client VID PID SERIAL COUNT [QUERY]\n", stderr);
    return 64;
  }
  const long queries = strtol(arguments[4], NULL, 10);
  const char *text = count == 6 ? arguments[5] : "*IDN?";
  struct instrument instrument = { 0 };
  int error = libusb_init(NULL);
  if (error != 0) fail("libusb", error);
  error = open_instrument(
      strtol(arguments[1], NULL, 16), strtol(arguments[2], NULL, 16), arguments[3], &instrument);
  if (error != 0) fail("opening the device", error);
  uint8_t *bytes = malloc(BUFFER_SIZE);
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (long index = 0; index < queries; index++) {
    query(&instrument, text, bytes, queries <= MOST_PRINTED);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  const double seconds =
      (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
  if (queries > MOST_PRINTED) printf("%ld %.1f\n", queries, 1e6 * seconds / (double)queries);
  free(bytes);
  libusb_release_interface(instrument.handle, instrument.interface);
  libusb_close(instrument.handle);
  libusb_exit(NULL);
  return 0;
}
