// What the device sends: replies in the transfers that the host asks for.

#include "device.h"

#include <stdlib.h>
#include <string.h>

// MARK: Replies

bool has_reply(const struct usbtmc_device *device) {
  return device->replies != NULL && device->replies->at <= device->now;
}

static void queue_reply(
    struct usbtmc_device *device, const uint8_t *message, size_t count, bool goes_on) {
  struct reply *reply = calloc(1, sizeof *reply + count);
  if (reply == NULL) return;
  reply->at = device->now;
  reply->count = count;
  reply->is_without_end = goes_on;
  memcpy(reply->bytes, message, count);
  struct reply **end = &device->replies;
  while (*end != NULL) end = &(*end)->next;
  *end = reply;
}

void usbtmc_say(struct usbtmc_device *device, const uint8_t *message, size_t count) {
  queue_reply(device, message, count, false);
}

void usbtmc_say_on(struct usbtmc_device *device, const uint8_t *message, size_t count) {
  queue_reply(device, message, count, true);
}

void drop_reply(struct usbtmc_device *device) {
  struct reply *reply = device->replies;
  device->replies = reply->next;
  free(reply);
}

// MARK: Transfers

static struct transfer *make_transfer(size_t count) {
  struct transfer *transfer = calloc(1, sizeof *transfer + count);
  // A device model without memory is of no use, and has nothing to clean up.
  if (transfer == NULL) abort();
  transfer->count = count;
  return transfer;
}

static void enqueue(struct usbtmc_device *device, struct transfer *transfer) {
  struct transfer **end = &device->transfers;
  while (*end != NULL) end = &(*end)->next;
  *end = transfer;
}

struct transfer *queue_transfer(struct usbtmc_device *device, size_t count) {
  struct transfer *transfer = make_transfer(count);
  enqueue(device, transfer);
  return transfer;
}

static void drop_transfer(struct usbtmc_device *device) {
  struct transfer *transfer = device->transfers;
  device->transfers = transfer->next;
  free(transfer);
}

void forget_output(struct usbtmc_device *device) {
  while (device->replies != NULL) drop_reply(device);
  while (device->transfers != NULL) drop_transfer(device);
  free(device->stale);
  device->stale = NULL;
  memset(&device->request, 0, sizeof device->request);
  device->takes_back = true;
  device->given = 0;
  device->given_end = false;
  device->is_aborting_in = device->abort_stays_pending = false;
}

// MARK: Requests

void begin_request(struct usbtmc_device *device, const uint8_t *header) {
  device->counters.requests++;
  struct request *request = &device->request;
  *request = (struct request){
    .is_active = true,
    .tag = header[1],
    .attributes = header[8],
    .term_char = header[9],
    .size = header[4] | (size_t)header[5] << 8 | (size_t)header[6] << 16 | (size_t)header[7] << 24,
  };
  if (device->stale != NULL) {
    enqueue(device, device->stale);
    device->stale = NULL;
  }
  const struct fault *fault;
  if (take_fault(device, STALL_IN, 0) != NULL) {
    device->in_is_halted = true;
    request->is_active = false;
  }
  if (take_fault(device, HANG, 0) != NULL) request->is_hung = true;
  if (take_fault(device, STALE, 0) != NULL) request->is_hung = request->is_stale = true;
  if (take_fault(device, HANG_UNTIL_CLEAR, 0) != NULL) device->is_swallowing = true;
  if (take_fault(device, HANG_UNTIL_RESET, 0) != NULL) device->is_frozen = true;
  if (take_fault(device, DEAD, 0) != NULL) device->is_dead = true;
  if (take_fault(device, FLOOD, 0) != NULL) queue_transfer(device, 0)->is_endless = true;
  if ((fault = take_fault(device, LATE, 0)) != NULL) {
    request->not_before = device->now + fault->argument;
  }
  if ((fault = take_fault(device, UNPLUG, 0)) != NULL) {
    request->is_hung = true;
    device->leaves_at = device->now + fault->argument;
  }
}

// The transfer that answers the request with what is left of the first reply.
static struct transfer *make_answer(struct usbtmc_device *device) {
  const struct request *request = &device->request;
  struct reply *reply = device->replies;
  const uint8_t *payload = reply->bytes + reply->sent;
  const size_t left = reply->count - reply->sent;
  size_t size = left < request->size ? left : request->size;
  if (reply->split > 0 && size > reply->split) size = reply->split;
  uint8_t attributes = 0;
  if (request->attributes & TERM_CHAR) {
    const uint8_t *found = memchr(payload, request->term_char, size);
    if (found != NULL) {
      attributes |= TERM_CHAR;
      size = (size_t)(found - payload) + 1;
    }
  }
  if (size == left && !reply->is_without_end) attributes |= END_OF_MESSAGE;
  const size_t padding = take_fault(device, UNPADDED, 0) != NULL ? 0 : (4 - size % 4) % 4;
  struct transfer *answer = make_transfer(HEADER_SIZE + size + padding);
  const size_t said = take_fault(device, OVERSIZE, 0) != NULL ? request->size + 4 : size;
  uint8_t *header = answer->bytes;
  header[0] = DEV_DEP_MSG_IN;
  header[1] = request->tag;
  header[2] = (uint8_t)~request->tag;
  for (int index = 0; index < 4; index++) header[4 + index] = (uint8_t)(said >> 8 * index);
  header[8] = attributes;
  memcpy(header + HEADER_SIZE, payload, size);
  reply->sent += size;
  if (take_fault(device, WRONG_ID, 0) != NULL) header[0] = 127;
  if (take_fault(device, WRONG_TAG, 0) != NULL) {
    header[1] ^= 0x55;
    header[2] ^= 0x55;
  }
  if (take_fault(device, WRONG_INVERSE, 0) != NULL) header[2] ^= 0x55;
  if (take_fault(device, TRUNCATED, 0) != NULL) answer->count = HEADER_SIZE + size / 2;
  if (take_fault(device, SHORT_HEADER, 0) != NULL) answer->count = 8;
  if (reply->sent == reply->count) drop_reply(device);
  return answer;
}

// The first reply, changed as a whole by what the plan has for it.
static void prepare_reply(struct usbtmc_device *device) {
  if (device->replies->sent > 0) return;
  const struct fault *fault;
  if (take_fault(device, NO_EOM, 0) != NULL) device->replies->is_without_end = true;
  if ((fault = take_fault(device, SPLIT, 0)) != NULL) {
    device->replies->split = (size_t)fault->argument;
  }
  if (take_fault(device, NUL, 0) != NULL) {
    enum { NULS = 3 };
    const size_t count = device->replies->count;
    struct reply *reply = realloc(device->replies, sizeof *reply + count + NULS);
    if (reply == NULL) abort();
    memset(reply->bytes + count, 0, NULS);
    reply->count = count + NULS;
    device->replies = reply;
  }
}

static void answer(struct usbtmc_device *device) {
  struct request *request = &device->request;
  if (!request->is_active || request->is_hung || device->now < request->not_before) return;
  if (!has_reply(device)) return;
  prepare_reply(device);
  if (take_fault(device, EMPTY, 0) != NULL) queue_transfer(device, 0);
  enqueue(device, make_answer(device));
  request->is_active = false;
}

// MARK: Sending

int usbtmc_bulk_in(struct usbtmc_device *device, uint8_t *bytes, size_t capacity) {
  if (device->is_dead || device->is_frozen || device->is_swallowing) return USBTMC_NAK;
  if (device->in_is_halted) return USBTMC_STALL;
  if (device->transfers == NULL) answer(device);
  const struct transfer *transfer = device->transfers;
  if (transfer == NULL) return USBTMC_NAK;
  if (transfer->is_endless) {
    memset(bytes, 0xEE, capacity);
    return (int)capacity;
  }
  const size_t left = transfer->count - transfer->sent;
  const size_t count = left < capacity ? left : capacity;
  memcpy(bytes, transfer->bytes + transfer->sent, count);
  device->given = count;
  // Where the last packet is a full one, an empty one follows.
  device->given_end = count < capacity;
  return (int)count;
}

void usbtmc_sent(struct usbtmc_device *device) {
  if (device->transfers == NULL || device->transfers->is_endless) return;
  device->transfers->sent += device->given;
  if (device->given_end) drop_transfer(device);
  device->given = 0;
  device->given_end = false;
}

bool usbtmc_takes_back(struct usbtmc_device *device) {
  const bool takes_back = device->takes_back;
  device->takes_back = false;
  return takes_back;
}

// MARK: Aborting

void abort_bulk_in(struct usbtmc_device *device) {
  struct request *request = &device->request;
  device->bytes_sent = 0;
  if (request->is_active) {
    if (has_reply(device) && device->now >= request->not_before) {
      if (request->is_stale) {
        device->stale = make_answer(device);
      } else {
        drop_reply(device);
      }
    } else if (device->replies != NULL && device->replies->at < request->not_before) {
      // Who computes does not stop because nobody waits.
      device->replies->at = request->not_before;
    }
    request->is_active = false;
  } else {
    const size_t sent = device->transfers != NULL ? device->transfers->sent : 0;
    device->bytes_sent = sent > HEADER_SIZE ? sent - HEADER_SIZE : 0;
    if (device->replies != NULL && device->replies->sent > 0) drop_reply(device);
  }
  device->given = 0;
  device->given_end = false;
  device->takes_back = true;
  device->is_aborting_in = true;
  if (device->transfers != NULL && device->transfers->is_endless) return;
  while (device->transfers != NULL) drop_transfer(device);
  queue_transfer(device, 0);
}
