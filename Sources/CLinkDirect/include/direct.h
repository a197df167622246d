// What a C program would do without links, for `make bench` to compare with.

#pragma once

#include <libserialport.h>
#include <pthread.h>
#include <stdint.h>

// So long are queries and replies, in bytes.
enum { direct_message_length = 20 };

// Seconds of processor time that the calling thread has used.
double direct_thread_time(void);

// And that programs it started have, once they ended.
double direct_children_time(void);

// Seconds of processor time of all threads, and of one of them.
double direct_process_time(void);
double direct_time_of(pthread_t thread);

// Keeps all threads, and those that they start, on one processor: what
// it costs to wake a thread on another varies by several times. Or lets it go.
void direct_pin(int is_pinned);

// A port that is open and set to 9600 baud 8N1, NULL on failure.
struct sp_port *direct_serial_open(const char *path);

// Sends the query and takes the reply, so many times; returns how many went
// well.
int direct_serial_queries(struct sp_port *port, const uint8_t *query, int count);

// A socket that listens on loopback, -1 on failure.
int direct_listen(uint16_t *port);

// A connection to there, -1 on failure.
int direct_connect(uint16_t port);

// As above.
int direct_socket_queries(int descriptor, const uint8_t *query, int count);

// Answers every query by the reply until the connection ends.
void direct_answer(int descriptor, const uint8_t *reply);
