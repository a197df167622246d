// Requests of the class on the control endpoint.

#include "device.h"

#include <string.h>

// bRequest.
enum {
  INITIATE_ABORT_BULK_OUT = 1,
  CHECK_ABORT_BULK_OUT_STATUS = 2,
  INITIATE_ABORT_BULK_IN = 3,
  CHECK_ABORT_BULK_IN_STATUS = 4,
  INITIATE_CLEAR = 5,
  CHECK_CLEAR_STATUS = 6,
  GET_CAPABILITIES = 7,
  INDICATOR_PULSE = 64,
  READ_STATUS_BYTE = 128,
  REN_CONTROL = 160,
  GO_TO_LOCAL = 161,
  LOCAL_LOCKOUT = 162,
};

// USBTMC_status.
enum {
  STATUS_SUCCESS = 0x01,
  STATUS_PENDING = 0x02,
  STATUS_INTERRUPT_IN_BUSY = 0x20,
  STATUS_FAILED = 0x80,
  STATUS_TRANSFER_NOT_IN_PROGRESS = 0x81,
};

static void put_count(uint8_t *data, size_t count) {
  for (int index = 0; index < 4; index++) data[4 + index] = (uint8_t)(count >> 8 * index);
}

// MARK: Bulk-OUT

static int initiate_abort_out(struct usbtmc_device *device, uint8_t tag, uint8_t *data) {
  struct incoming *incoming = &device->incoming;
  device->counters.aborts_out++;
  if (take_fault(device, NO_ABORT, 0) != NULL) return USBTMC_STALL;
  data[1] = incoming->tag;
  if (!incoming->is_active || device->is_swallowing) {
    data[0] = STATUS_FAILED;
  } else if (incoming->tag != tag) {
    data[0] = STATUS_TRANSFER_NOT_IN_PROGRESS;
  } else {
    data[0] = STATUS_SUCCESS;
    device->bytes_received = incoming->received - HEADER_SIZE;
    if (device->bytes_received > incoming->size) device->bytes_received = incoming->size;
    forget_input(device);
    // What the host still sends of it shall not be taken for a header.
    device->out_is_halted = true;
  }
  return 2;
}

static int check_abort_out(struct usbtmc_device *device, uint8_t *data) {
  data[0] = STATUS_SUCCESS;
  put_count(data, device->bytes_received);
  return 8;
}

// MARK: Bulk-IN

static int initiate_abort_in(struct usbtmc_device *device, uint8_t tag, uint8_t *data) {
  device->counters.aborts_in++;
  if (take_fault(device, NO_ABORT, 0) != NULL) return USBTMC_STALL;
  data[1] = device->request.tag;
  const bool is_in_progress = device->request.is_active || device->transfers != NULL;
  if (!is_in_progress || device->is_swallowing) {
    data[0] = STATUS_FAILED;
  } else if (device->request.tag != tag) {
    data[0] = STATUS_TRANSFER_NOT_IN_PROGRESS;
  } else {
    data[0] = STATUS_SUCCESS;
    abort_bulk_in(device);
    if (take_fault(device, ABORT_PENDING, 0) != NULL) device->abort_stays_pending = true;
  }
  return 2;
}

static int check_abort_in(struct usbtmc_device *device, uint8_t *data) {
  const bool has_bytes = device->transfers != NULL;
  if (!device->is_aborting_in) {
    data[0] = STATUS_FAILED;
    return 8;
  }
  data[0] = has_bytes || device->abort_stays_pending ? STATUS_PENDING : STATUS_SUCCESS;
  data[1] = has_bytes;
  put_count(data, device->bytes_sent);
  if (data[0] == STATUS_SUCCESS) device->is_aborting_in = false;
  return 8;
}

// MARK: Clear

static int initiate_clear(struct usbtmc_device *device, uint8_t *data) {
  device->counters.clears++;
  if (take_fault(device, CLEAR_HANGS, 0) != NULL) {
    device->is_frozen = true;
    return USBTMC_NAK;
  }
  forget_input(device);
  forget_output(device);
  device->is_swallowing = false;
  device->in_is_halted = false;
  device->out_is_halted = true;
  device->clear_stays_pending = take_fault(device, PENDING, 0) != NULL;
  // Some firmware has handed bytes to its controller, which only the host can
  // take from there.
  if (take_fault(device, PENDING_DRAIN, 0) != NULL) queue_transfer(device, 4);
  data[0] = STATUS_SUCCESS;
  return 1;
}

static int check_clear(struct usbtmc_device *device, uint8_t *data) {
  const bool has_bytes = device->transfers != NULL;
  data[0] = has_bytes || device->clear_stays_pending ? STATUS_PENDING : STATUS_SUCCESS;
  data[1] = has_bytes;
  return 2;
}

// MARK: Capabilities

static int get_capabilities(const struct usbtmc_device *device, uint8_t *data) {
  memset(data, 0, 24);
  data[0] = STATUS_SUCCESS;
  // bcdUSBTMC.
  data[3] = 0x01;
  // Indicator pulses; transfers that end on a character.
  data[4] = 0x04;
  data[5] = 0x01;
  if (device->options.is_488) {
    // bcdUSB488.
    data[13] = 0x01;
    // IEEE 488.2, remote and local, trigger.
    data[14] = 0x07;
    // SCPI, RL1, DT1; SR1 needs the interrupt endpoint.
    data[15] = device->options.has_interrupt ? 0x0F : 0x0B;
  }
  return 24;
}

// MARK: USB488

static int read_status_byte(struct usbtmc_device *device, uint16_t value, uint8_t *data) {
  device->counters.status_reads++;
  const uint8_t tag = (uint8_t)value;
  data[1] = tag;
  data[2] = 0;
  if (value < 2 || value > 127) {
    data[0] = STATUS_FAILED;
    return 3;
  }
  const uint8_t status = status_byte(device);
  data[0] = STATUS_SUCCESS;
  if (take_fault(device, STATUS_BUSY, 0) != NULL) {
    data[0] = STATUS_INTERRUPT_IN_BUSY;
    return 3;
  }
  if (!device->options.has_interrupt) {
    data[2] = status;
  } else if (!notify(device, 0x80 | tag, status)) {
    data[0] = STATUS_INTERRUPT_IN_BUSY;
    return 3;
  }
  // A serial poll ends the request for service.
  device->status &= (uint8_t)~REQUEST_SERVICE;
  return 3;
}

static int set_remote(struct usbtmc_device *device, uint8_t request, uint16_t value, uint8_t *data) {
  data[0] = STATUS_SUCCESS;
  switch (request) {
    case REN_CONTROL:
      if (value > 1) {
        data[0] = STATUS_FAILED;
      } else {
        device->is_enabled = value == 1;
        // Remote comes with the next message, local at once.
        if (value == 0) device->is_remote = device->is_locked_out = false;
      }
      break;
    case GO_TO_LOCAL: device->is_remote = false; break;
    default:
      if (device->is_enabled) {
        device->is_locked_out = true;
      } else {
        data[0] = STATUS_FAILED;
      }
  }
  return 1;
}

// MARK: All

static int interface_request(struct usbtmc_device *device, const uint8_t *setup, uint8_t *data) {
  const uint16_t value = (uint16_t)(setup[2] | setup[3] << 8);
  switch (setup[1]) {
    case INITIATE_CLEAR: return initiate_clear(device, data);
    case CHECK_CLEAR_STATUS: return check_clear(device, data);
    case GET_CAPABILITIES: return get_capabilities(device, data);
    case INDICATOR_PULSE: data[0] = STATUS_SUCCESS; return 1;
  }
  if (!device->options.is_488) return USBTMC_STALL;
  switch (setup[1]) {
    case READ_STATUS_BYTE: return read_status_byte(device, value, data);
    case REN_CONTROL:
    case GO_TO_LOCAL:
    case LOCAL_LOCKOUT: return set_remote(device, setup[1], value, data);
    default: return USBTMC_STALL;
  }
}

static int endpoint_request(struct usbtmc_device *device, const uint8_t *setup, uint8_t *data) {
  const bool is_in = setup[4] == USBTMC_BULK_IN;
  if (!is_in && setup[4] != USBTMC_BULK_OUT) return USBTMC_STALL;
  memset(data, 0, 8);
  switch (setup[1]) {
    case INITIATE_ABORT_BULK_OUT:
      return is_in ? USBTMC_STALL : initiate_abort_out(device, setup[2], data);
    case CHECK_ABORT_BULK_OUT_STATUS: return is_in ? USBTMC_STALL : check_abort_out(device, data);
    case INITIATE_ABORT_BULK_IN:
      return is_in ? initiate_abort_in(device, setup[2], data) : USBTMC_STALL;
    case CHECK_ABORT_BULK_IN_STATUS: return is_in ? check_abort_in(device, data) : USBTMC_STALL;
    default: return USBTMC_STALL;
  }
}

int usbtmc_control(struct usbtmc_device *device, const uint8_t setup[8], uint8_t *data) {
  if (device->is_dead) return USBTMC_NAK;
  if ((setup[0] & 0x60) == 0) return standard_control(device, setup, data);
  if (device->is_frozen) return USBTMC_NAK;
  uint8_t answer[24];
  int count = USBTMC_STALL;
  if (setup[0] == 0xA1 && setup[4] == device->options.interface) {
    count = interface_request(device, setup, answer);
  } else if (setup[0] == 0xA2) {
    count = endpoint_request(device, setup, answer);
  }
  const int length = setup[6] | setup[7] << 8;
  if (count > length) count = length;
  if (count > 0) memcpy(data, answer, (size_t)count);
  return count;
}
