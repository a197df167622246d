// The device as a whole.

#include "device.h"

#include <stdlib.h>
#include <string.h>

struct usbtmc_device *usbtmc_create(const struct usbtmc_options *options) {
  struct usbtmc_device *device = calloc(1, sizeof *device);
  if (device == NULL) return NULL;
  device->options = *options;
  device->options.manufacturer_name = strdup(options->manufacturer_name);
  device->options.product_name = strdup(options->product_name);
  device->options.serial = strdup(options->serial);
  device->leaves_at = -1;
  return device;
}

void usbtmc_destroy(struct usbtmc_device *device) {
  if (device == NULL) return;
  forget_input(device);
  forget_output(device);
  free(device->message);
  free(device->data);
  free((char *)device->options.manufacturer_name);
  free((char *)device->options.product_name);
  free((char *)device->options.serial);
  free(device);
}

// MARK: Time

void usbtmc_set_time(struct usbtmc_device *device, int64_t now) { device->now = now; }

int64_t usbtmc_wakes_at(const struct usbtmc_device *device) {
  const struct request *request = &device->request;
  int64_t at = device->leaves_at;
  if (request->is_active && !request->is_hung && device->replies != NULL) {
    const int64_t reply_at = device->replies->at;
    const int64_t answer_at = reply_at > request->not_before ? reply_at : request->not_before;
    if (at < 0 || answer_at < at) at = answer_at;
  }
  return at;
}

// MARK: The whole

void usbtmc_reset(struct usbtmc_device *device) {
  device->counters.resets++;
  forget_input(device);
  forget_output(device);
  device->out_is_halted = device->in_is_halted = false;
  device->notification_count = 0;
  device->is_swallowing = device->is_frozen = false;
  device->clear_stays_pending = false;
  device->is_enabled = device->is_remote = device->is_locked_out = false;
  device->leaves_at = -1;
}

void usbtmc_replugged(struct usbtmc_device *device) {
  const long resets = device->counters.resets;
  usbtmc_reset(device);
  device->counters.resets = resets;
  device->error_count = 0;
  device->status = 0;
  free(device->data);
  device->data = NULL;
  device->data_count = 0;
}

void usbtmc_configured(struct usbtmc_device *device) {
  if (take_fault(device, CONFIG_FREEZES, 0) != NULL) device->is_dead = true;
}

bool usbtmc_leaves(struct usbtmc_device *device, int64_t *back_after) {
  if (device->leaves_at < 0 || device->now < device->leaves_at) return false;
  device->leaves_at = -1;
  const struct fault *back = take_fault(device, REPLUG, 0);
  *back_after = back != NULL ? back->argument : -1;
  return true;
}

struct usbtmc_counters *usbtmc_counters(struct usbtmc_device *device) {
  return &device->counters;
}

bool usbtmc_is_enabled(const struct usbtmc_device *device) { return device->is_enabled; }

bool usbtmc_is_remote(const struct usbtmc_device *device) { return device->is_remote; }

// MARK: The status byte, and what goes by interrupt-IN

uint8_t status_byte(const struct usbtmc_device *device) {
  return device->status | (has_reply(device) ? MESSAGE_AVAILABLE : 0);
}

bool notify(struct usbtmc_device *device, uint8_t first, uint8_t second) {
  if (device->notification_count == MOST_NOTIFICATIONS) return false;
  uint8_t *notification = device->notifications[device->notification_count++];
  notification[0] = first;
  notification[1] = second;
  return true;
}

void usbtmc_raise(struct usbtmc_device *device, uint8_t status) {
  device->status = status | REQUEST_SERVICE;
  if (device->options.has_interrupt) notify(device, 0x81, status_byte(device));
}

int usbtmc_interrupt_in(struct usbtmc_device *device, uint8_t *bytes, size_t capacity) {
  if (device->is_dead || device->is_frozen) return USBTMC_NAK;
  if (device->notification_count == 0 || capacity < 2) return USBTMC_NAK;
  memcpy(bytes, device->notifications[0], 2);
  device->notification_count--;
  memmove(
      device->notifications[0], device->notifications[1], 2 * (size_t)device->notification_count);
  return 2;
}

// MARK: Halts

bool usbtmc_is_halted(const struct usbtmc_device *device, uint8_t endpoint) {
  return endpoint == USBTMC_BULK_OUT ? device->out_is_halted
      : endpoint == USBTMC_BULK_IN ? device->in_is_halted : false;
}

void usbtmc_clear_halt(struct usbtmc_device *device, uint8_t endpoint) {
  if (device->is_dead) return;
  device->counters.halts_cleared++;
  if (endpoint == USBTMC_BULK_OUT) {
    // The next byte begins a header.
    device->out_is_halted = false;
    forget_input(device);
  } else if (endpoint == USBTMC_BULK_IN) {
    device->in_is_halted = false;
  }
}
