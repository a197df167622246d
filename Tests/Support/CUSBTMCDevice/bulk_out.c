// What the host sends: messages in transfers with a header each, and requests
// for replies.

#include "device.h"

#include <stdlib.h>
#include <string.h>

static uint32_t little_endian(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static size_t padded(size_t count) { return (count + 3) & ~(size_t)3; }

void forget_input(struct usbtmc_device *device) {
  memset(&device->incoming, 0, sizeof device->incoming);
  device->message_count = 0;
  device->is_in_message = false;
}

// The packet with the fault is taken, then the endpoint is halted: a host that
// sent no more than that packet learns of it with its next transfer.
static int refuse(struct usbtmc_device *device, size_t count) {
  forget_input(device);
  device->out_is_halted = true;
  return count <= device->options.packet ? 0 : USBTMC_STALL;
}

static bool append(struct usbtmc_device *device, const uint8_t *bytes, size_t count) {
  const size_t needed = device->message_count + count;
  if (needed > device->message_size) {
    size_t size = device->message_size > 0 ? device->message_size : 4096;
    while (size < needed) size *= 2;
    uint8_t *message = realloc(device->message, size);
    if (message == NULL) return false;
    device->message = message;
    device->message_size = size;
  }
  memcpy(device->message + device->message_count, bytes, count);
  device->message_count = needed;
  return true;
}

// MARK: Messages

static void begin_message(struct usbtmc_device *device) {
  device->exchange++;
  if (device->is_enabled) device->is_remote = true;
  if (take_fault(device, UNPLUG_OUT, 0) != NULL) {
    device->leaves_at = device->now;
    // Who takes it away may be late: it does nothing more until then.
    device->is_frozen = true;
  }
}

static void end_message(struct usbtmc_device *device) {
  device->is_in_message = false;
  device->counters.messages++;
  if (device->options.hear != NULL) {
    device->options.hear(device->options.context, device->message, device->message_count);
  } else {
    built_in_hear(device, device->message, device->message_count);
  }
  device->message_count = 0;
  // One that was long is not kept: a device's memory does not grow.
  if (device->message_size > 1 << 16) {
    free(device->message);
    device->message = NULL;
    device->message_size = 0;
  }
}

// MARK: Transfers

// Takes a header, with which the transfer may be over. False if it is refused.
static bool begin(struct usbtmc_device *device, const uint8_t *header) {
  const uint8_t tag = header[1];
  if (tag == 0 || header[2] != (uint8_t)~tag || header[3] != 0) return false;
  const size_t size = little_endian(header + 4);
  switch (header[0]) {
    case DEV_DEP_MSG_OUT:
      if (size == 0) return false;
      if (!device->is_in_message) begin_message(device);
      device->is_in_message = true;
      break;
    case REQUEST_DEV_DEP_MSG_IN:
      // Of a message that has not ended there is no reply, and one request is
      // answered before the next may come.
      if (size == 0 || device->is_in_message) return false;
      if (device->request.is_active) return false;
      break;
    case TRIGGER:
      if (!device->options.is_488 || device->is_in_message) return false;
      begin_message(device);
      break;
    default: return false;
  }
  device->incoming = (struct incoming){
    .is_active = header[0] == DEV_DEP_MSG_OUT,
    .tag = tag,
    .attributes = header[8],
    .size = size,
    .received = HEADER_SIZE,
  };
  return true;
}

// What a header alone means.
static int act(struct usbtmc_device *device, const uint8_t *header, size_t count) {
  if (count > HEADER_SIZE) return refuse(device, count);
  if (header[0] == TRIGGER) {
    device->counters.triggers++;
  } else {
    begin_request(device, header);
  }
  return 0;
}

size_t usbtmc_expects(const struct usbtmc_device *device) {
  const struct incoming *incoming = &device->incoming;
  return incoming->is_active ? padded(HEADER_SIZE + incoming->size) - incoming->received : 0;
}

int usbtmc_bulk_out(struct usbtmc_device *device, const uint8_t *bytes, size_t count) {
  struct incoming *incoming = &device->incoming;
  if (device->is_dead || device->is_frozen || incoming->is_stuck) return USBTMC_NAK;
  if (device->is_swallowing) return 0;
  if (device->out_is_halted) return USBTMC_STALL;
  const bool is_end = count == 0 || count % device->options.packet != 0;
  const size_t all = count;
  if (!incoming->is_active) {
    // After a transfer of whole packets a host may say that it was the end.
    if (count == 0) return 0;
    const bool is_message = bytes[0] != REQUEST_DEV_DEP_MSG_IN && !device->is_in_message;
    if (is_message && take_fault(device, STALL_OUT, 1) != NULL) {
      device->out_is_halted = true;
      return USBTMC_STALL;
    }
    if (count < HEADER_SIZE || !begin(device, bytes)) return refuse(device, all);
    if (bytes[0] != DEV_DEP_MSG_OUT) return act(device, bytes, count);
    bytes += HEADER_SIZE;
    count -= HEADER_SIZE;
  }
  const size_t total = HEADER_SIZE + incoming->size;
  if (incoming->received + count > padded(total)) return refuse(device, all);
  const size_t missing = incoming->received < total ? total - incoming->received : 0;
  if (!append(device, bytes, count < missing ? count : missing)) return refuse(device, all);
  incoming->received += count;
  if (take_fault(device, HANG_OUT, 0) != NULL) {
    incoming->is_stuck = true;
    return USBTMC_NAK;
  }
  if (incoming->received < total && is_end) return refuse(device, all);
  if (incoming->received == padded(total) || (incoming->received >= total && is_end)) {
    incoming->is_active = false;
    if (incoming->attributes & END_OF_MESSAGE) end_message(device);
  }
  return 0;
}
