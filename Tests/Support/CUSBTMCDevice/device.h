// What the parts of the model share.

#pragma once

#include "usbtmc_device.h"

enum { HEADER_SIZE = 12 };

// MsgID.
enum { DEV_DEP_MSG_OUT = 1, REQUEST_DEV_DEP_MSG_IN = 2, DEV_DEP_MSG_IN = 2, TRIGGER = 128 };

// bmTransferAttributes.
enum { END_OF_MESSAGE = 1, TERM_CHAR = 2 };

// Bits of the status byte.
enum { MESSAGE_AVAILABLE = 0x10, REQUEST_SERVICE = 0x40 };

// MARK: Faults

enum fault_kind {
  STALL_IN, STALL_OUT, HANG, HANG_OUT, HANG_UNTIL_CLEAR, HANG_UNTIL_RESET, DEAD, LATE, STALE,
  WRONG_TAG, WRONG_INVERSE, WRONG_ID, SHORT_HEADER, OVERSIZE, TRUNCATED, EMPTY, NO_EOM, SPLIT,
  UNPADDED, NUL, UNPLUG, UNPLUG_OUT, REPLUG, PENDING, PENDING_DRAIN, ABORT_PENDING, NO_ABORT,
  CLEAR_HANGS, FLOOD, STATUS_BUSY, CONFIG_FREEZES, FAULT_KINDS,
};

struct fault {
  enum fault_kind kind;
  // The exchange from which on it is due.
  long from;
  long argument;
  bool is_spent;
};

enum { MOST_FAULTS = 32 };

// The fault of that kind that is due now, or in so many exchanges, and spends
// it if it is of a kind that happens once. NULL if there is none.
const struct fault *take_fault(struct usbtmc_device *device, enum fault_kind kind, long ahead);

// MARK: Parts

// A reply that the instrument has made.
struct reply {
  struct reply *next;
  // When the host can have it.
  int64_t at;
  // How much of it is in transfers.
  size_t sent;
  // Most bytes in a transfer, 0 for as many as asked for.
  size_t split;
  bool is_without_end;
  size_t count;
  uint8_t bytes[];
};

// Bytes on their way to the host, ended by a short packet.
struct transfer {
  struct transfer *next;
  size_t sent, count;
  // Full packets come for ever.
  bool is_endless;
  uint8_t bytes[];
};

// A bulk-OUT transfer that has begun.
struct incoming {
  bool is_active;
  // Taken in part, and no more will be.
  bool is_stuck;
  uint8_t tag, attributes;
  // As the header says, and with header and padding so far.
  size_t size, received;
};

// A REQUEST_DEV_DEP_MSG_IN that is not answered yet.
struct request {
  bool is_active, is_hung, is_stale;
  uint8_t tag, attributes, term_char;
  size_t size;
  int64_t not_before;
};

enum { MOST_NOTIFICATIONS = 16, MOST_ERRORS = 8 };

struct usbtmc_device {
  struct usbtmc_options options;
  struct usbtmc_counters counters;
  int64_t now;

  // Bulk-OUT: the transfer, and the message that it is part of.
  struct incoming incoming;
  uint8_t *message;
  size_t message_count, message_size;
  bool is_in_message;
  bool out_is_halted;
  // Of the last bulk-OUT transfer that was aborted, and of the last bulk-IN.
  size_t bytes_received, bytes_sent;

  // Bulk-IN.
  struct request request;
  struct reply *replies;
  struct transfer *transfers;
  // What a device sends too late, before the next answer.
  struct transfer *stale;
  bool in_is_halted, takes_back;
  // Bytes given to the transport and not yet sent, and whether they end the
  // first transfer.
  size_t given;
  bool given_end;

  // Interrupt-IN, two bytes each.
  uint8_t notifications[MOST_NOTIFICATIONS][2];
  int notification_count;

  // Requests that take their time.
  bool is_aborting_in, abort_stays_pending, clear_stays_pending;

  // Ways to be out of order.
  bool is_swallowing, is_frozen, is_dead;
  int64_t leaves_at;

  struct fault faults[MOST_FAULTS];
  int fault_count;
  // Messages since the plan was made.
  long exchange;
  char fault_error[160];

  // The instrument.
  uint8_t status;
  bool is_enabled, is_remote, is_locked_out;
  char errors[MOST_ERRORS][160];
  int error_count;
  uint8_t *data;
  size_t data_count;
};

// MARK: Between the parts

// bulk_out.c, bulk_in.c
void forget_input(struct usbtmc_device *device);
void forget_output(struct usbtmc_device *device);
void drop_reply(struct usbtmc_device *device);
void begin_request(struct usbtmc_device *device, const uint8_t *header);
// Puts a transfer of so many zeros at the end of what bulk-IN sends.
struct transfer *queue_transfer(struct usbtmc_device *device, size_t count);
// Ends the transfer in progress by a short packet.
void abort_bulk_in(struct usbtmc_device *device);
bool has_reply(const struct usbtmc_device *device);

// scpi.c
void built_in_hear(struct usbtmc_device *device, const uint8_t *message, size_t count);

// descriptors.c
int standard_control(struct usbtmc_device *device, const uint8_t setup[8], uint8_t *data);

// device.c
uint8_t status_byte(const struct usbtmc_device *device);
bool notify(struct usbtmc_device *device, uint8_t first, uint8_t second);
