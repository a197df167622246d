// Fault plans: what an instrument does wrong, and when.
//
// A plan is items joined by +, each `kind[@n][=argument]`. An item is due from
// the n-th message of the host after the plan was made, without n at once; it
// happens at the next occasion for its kind, once unless noted.

#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum argument { NONE, OPTIONAL, REQUIRED };

static const struct {
  const char *name;
  enum argument argument;
  long otherwise;
  bool is_permanent;
} kinds[FAULT_KINDS] = {
  // The endpoint is halted until CLEAR_HALT: instead of an answer, before the
  // message.
  [STALL_IN] = { "stall-in" },
  [STALL_OUT] = { "stall-out" },
  // This request is not answered; aborting it ends it properly.
  [HANG] = { "hang" },
  // No more of this message is taken; aborting it ends it properly.
  [HANG_OUT] = { "hang-out" },
  // Everything is taken and nothing answered; to abort fails, to clear helps.
  [HANG_UNTIL_CLEAR] = { "hang-until-clear" },
  // Neither transfers nor requests of the class are answered until USB reset.
  [HANG_UNTIL_RESET] = { "hang-until-reset" },
  // Nothing is answered ever again.
  [DEAD] = { "dead" },
  // The answer comes so many milliseconds after the request.
  [LATE] = { "late", REQUIRED },
  // Not answered; after the abort, the answer comes before that to the next.
  [STALE] = { "stale" },
  // Of the answer's header: another bTag, an inverse that is none, MsgID 127,
  // only 8 bytes of it, a TransferSize of more than was asked for.
  [WRONG_TAG] = { "wrong-tag" },
  [WRONG_INVERSE] = { "wrong-inverse" },
  [WRONG_ID] = { "wrong-id" },
  [SHORT_HEADER] = { "short-header" },
  [OVERSIZE] = { "oversize" },
  // Half of what the header says.
  [TRUNCATED] = { "truncated" },
  // An empty packet comes before the answer.
  [EMPTY] = { "empty" },
  // EOM is not set at the end of the reply.
  [NO_EOM] = { "no-eom" },
  // The reply comes in transfers of so many bytes, EOM on the last.
  [SPLIT] = { "split", OPTIONAL, 8 },
  // The transfer is not filled up to a multiple of 4.
  [UNPADDED] = { "unpadded" },
  // Three zeros belong to the message, behind its end.
  [NUL] = { "nul" },
  // The device leaves so many milliseconds after a request, or with a message;
  // and is back so many milliseconds later.
  [UNPLUG] = { "unplug", OPTIONAL },
  [UNPLUG_OUT] = { "unplug-out" },
  [REPLUG] = { "replug", REQUIRED },
  // CHECK_CLEAR_STATUS answers PENDING for ever; until bulk-IN was drained.
  [PENDING] = { "pending" },
  [PENDING_DRAIN] = { "pending-drain" },
  // CHECK_ABORT_BULK_IN_STATUS answers PENDING until the device is cleared.
  [ABORT_PENDING] = { "abort-pending" },
  // Requests to abort are stalled. Stays.
  [NO_ABORT] = { "no-abort", .is_permanent = true },
  // To clear the device is to hang it until USB reset. Stays.
  [CLEAR_HANGS] = { "clear-hangs", .is_permanent = true },
  // Full packets for ever, until the device is cleared.
  [FLOOD] = { "flood" },
  // READ_STATUS_BYTE answers that it is busy.
  [STATUS_BUSY] = { "status-busy" },
  // SET_CONFIGURATION and SET_INTERFACE are the end of the device. Stays.
  [CONFIG_FREEZES] = { "config-freezes", .is_permanent = true },
};

const struct fault *take_fault(struct usbtmc_device *device, enum fault_kind kind, long ahead) {
  for (int index = 0; index < device->fault_count; index++) {
    struct fault *fault = &device->faults[index];
    if (fault->kind != kind || fault->is_spent || device->exchange + ahead < fault->from) continue;
    fault->is_spent = !kinds[kind].is_permanent;
    return fault;
  }
  return NULL;
}

// MARK: Reading a plan

static const char *complain(struct usbtmc_device *device, const char *what, const char *item) {
  snprintf(device->fault_error, sizeof device->fault_error, "%s in '%.60s'", what, item);
  return device->fault_error;
}

// Reads decimal digits, all that there are. False where there are none.
static bool read_number(const char **text, long *number) {
  char *end;
  if (**text < '0' || **text > '9') return false;
  *number = strtol(*text, &end, 10);
  *text = end;
  return true;
}

static const char *read_item(struct usbtmc_device *device, const char *item, struct fault *fault) {
  const size_t length = strcspn(item, "@=");
  int kind = 0;
  while (kind < FAULT_KINDS
      && (strlen(kinds[kind].name) != length || strncmp(kinds[kind].name, item, length) != 0)) {
    kind++;
  }
  if (kind == FAULT_KINDS) return complain(device, "no such kind of fault", item);
  *fault = (struct fault){ .kind = kind, .argument = kinds[kind].otherwise };
  const char *rest = item + length;
  if (*rest == '@') {
    rest++;
    if (!read_number(&rest, &fault->from)) {
      return complain(device, "a number is expected behind @", item);
    }
  }
  if (*rest == '=') {
    rest++;
    if (kinds[kind].argument == NONE) return complain(device, "no argument is expected", item);
    if (!read_number(&rest, &fault->argument)) {
      return complain(device, "a number is expected behind =", item);
    }
  } else if (kinds[kind].argument == REQUIRED) {
    return complain(device, "=NUMBER is expected", item);
  }
  return *rest == '\0' ? NULL : complain(device, "kind[@n][=argument] is expected", item);
}

const char *usbtmc_set_faults(struct usbtmc_device *device, const char *plan) {
  struct fault faults[MOST_FAULTS];
  int count = 0;
  char text[512];
  if (strlen(plan) >= sizeof text) return "a plan has at most 511 characters";
  strcpy(text, plan);
  // An empty plan is one without faults.
  for (char *item = text, *next; item != NULL && *text != '\0'; item = next) {
    next = strchr(item, '+');
    if (next != NULL) *next++ = '\0';
    if (count == MOST_FAULTS) return "a plan has at most 32 items";
    const char *error = read_item(device, item, &faults[count++]);
    if (error != NULL) return error;
  }
  memcpy(device->faults, faults, sizeof *faults * (size_t)count);
  device->fault_count = count;
  device->exchange = 0;
  return NULL;
}
