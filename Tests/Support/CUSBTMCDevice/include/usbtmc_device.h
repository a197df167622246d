// A model of a USBTMC/USB488 instrument: what it does on its endpoints, well
// or, by a fault plan, badly.
//
// It knows nothing of an operating system. A transport brings what the host
// does, and takes what the device answers: the umockdev emulator does it for
// ioctls of usbfs, the gadget for a kernel's USB device controller. It is not
// locked: a transport calls it from one thread at a time.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  USBTMC_BULK_OUT = 0x01,
  USBTMC_BULK_IN = 0x82,
  USBTMC_INTERRUPT_IN = 0x83,
};

// Instead of a count of bytes.
enum {
  // The endpoint is halted, the request refused.
  USBTMC_STALL = -1,
  // Nothing yet; the host waits.
  USBTMC_NAK = -2,
};

struct usbtmc_options {
  uint16_t vendor, product;
  const char *manufacturer_name, *product_name, *serial;
  // bInterfaceNumber.
  uint8_t interface;
  // wMaxPacketSize of the bulk endpoints: 64 at full, 512 at high speed.
  uint16_t packet;
  bool has_interrupt, is_488;
  // Gets every complete message of the host; replies come by usbtmc_say. The
  // built-in instrument answers where it is NULL. See scpi.c for what that
  // understands.
  void (*hear)(void *context, const uint8_t *message, size_t count);
  void *context;
};

// What happened, for tests to look at; a transport counts what only it sees.
struct usbtmc_counters {
  long messages, requests, triggers, aborts_in, aborts_out, clears, halts_cleared, resets,
      status_reads, claims, releases, detaches, attaches, set_configuration, set_interface;
};

struct usbtmc_device;

// Strings are copied. NULL when memory is short.
struct usbtmc_device *usbtmc_create(const struct usbtmc_options *options);
void usbtmc_destroy(struct usbtmc_device *device);

// MARK: Time, in milliseconds of any steady clock

// Tells the time. Call it before everything else: late replies depend on it.
void usbtmc_set_time(struct usbtmc_device *device, int64_t now);

// When the device will do something of itself; -1 if never.
int64_t usbtmc_wakes_at(const struct usbtmc_device *device);

// MARK: Endpoints

// Takes the data of one host request: whole packets, but for the last of a
// transfer. 0, USBTMC_STALL, or USBTMC_NAK: not taken, offer it again later.
int usbtmc_bulk_out(struct usbtmc_device *device, const uint8_t *bytes, size_t count);
// How many bytes are missing of the transfer that has begun, 0 if none has.
size_t usbtmc_expects(const struct usbtmc_device *device);

// Gives what a host request of so many whole packets gets. Less than capacity
// means that a short packet ends it. It counts as sent only after usbtmc_sent:
// until then the host can abort it.
int usbtmc_bulk_in(struct usbtmc_device *device, uint8_t *bytes, size_t capacity);
void usbtmc_sent(struct usbtmc_device *device);
int usbtmc_interrupt_in(struct usbtmc_device *device, uint8_t *bytes, size_t capacity);

// Answers a control request, standard or of the class, with at most wLength
// bytes.
int usbtmc_control(struct usbtmc_device *device, const uint8_t setup[8], uint8_t *data);

// CLEAR_FEATURE(ENDPOINT_HALT), where the transport does not bring it as a
// control request.
void usbtmc_clear_halt(struct usbtmc_device *device, uint8_t endpoint);
bool usbtmc_is_halted(const struct usbtmc_device *device, uint8_t endpoint);

// Whether bytes that were given and are not sent must not be any more, since
// the host aborted or cleared. Asking makes it false.
bool usbtmc_takes_back(struct usbtmc_device *device);

// The device descriptor and that of its configuration, as in sysfs.
size_t usbtmc_descriptors(const struct usbtmc_device *device, uint8_t *bytes, size_t size);

// MARK: The device as a whole

// A USB reset: the instrument forgets its transfers and messages.
void usbtmc_reset(struct usbtmc_device *device);
// Came back after it was unplugged.
void usbtmc_replugged(struct usbtmc_device *device);
// SET_CONFIGURATION or SET_INTERFACE, which some firmware does not survive.
void usbtmc_configured(struct usbtmc_device *device);

// Whether a fault wants the device gone by now, and after how many
// milliseconds back, -1 for never. Asking makes it false.
bool usbtmc_leaves(struct usbtmc_device *device, int64_t *back_after);

struct usbtmc_counters *usbtmc_counters(struct usbtmc_device *device);
// Whether REN is asserted; whether the instrument is in remote state.
bool usbtmc_is_enabled(const struct usbtmc_device *device);
bool usbtmc_is_remote(const struct usbtmc_device *device);

// MARK: What the instrument does

// Queues one reply message, or a piece of one that goes on.
void usbtmc_say(struct usbtmc_device *device, const uint8_t *message, size_t count);
void usbtmc_say_on(struct usbtmc_device *device, const uint8_t *message, size_t count);

// Requests service with this status byte.
void usbtmc_raise(struct usbtmc_device *device, uint8_t status);

// Replaces the fault plan: items joined by +, `kind[@n][=argument]`, see
// faults.c. NULL, or what is wrong with it.
const char *usbtmc_set_faults(struct usbtmc_device *device, const char *plan);
