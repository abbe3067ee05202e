// The configs that proxy_fuzz runs, and what each lets the judge expect. A feature that changes what may happen gets
// one of its own here, and a rule where the judge must know of it. Inputs name them by number: new ones go to the end.
#pragma once

#include "tests/support/proxy_judge.h"

namespace weir::fuzz {

struct Variant {
    const char* yaml;
    support::JudgeRules rules;
    bool times_out = true;  // silence alone ends everything
    Duration wakes_late{};  // towards the end, when something is due every few milliseconds
};

inline constexpr uint64_t kBuffers = 128 * 1024;  // where a config starves

inline const Variant kVariants[] = {
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ] } }
routes: [ { pool: app } ]
)",
     {}},
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080", limits: { header_bytes: 1KiB, headers: 12, header_timeout: 2s,
               body_timeout: 3s, min_rate: 100, keepalive_timeout: 5s, connections_per_client: 1 } } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ], header_bytes: 1KiB, connect_timeout: 500ms,
                response_timeout: 4s, read_timeout: 2s, connections: { idle: 1, idle_timeout: 3s } } }
routes: [ { pool: app, timeout: 9s } ]
)",
     {.head_bytes = 800}},
    {R"(
trusted_proxies: [ 192.0.2.0/24, 10.0.0.0/8 ]
listeners: [ { name: in, address: "127.0.0.1:8080", limits: { min_rate: 0 } } ]
pools:
  app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ], connections: { idle: 0 } }
  other: { endpoints: [ "127.0.0.1:3001", "127.0.0.1:3002" ] }
routes: [ { pool: app, match: { host: a.test } }, { pool: other, match: { path: /x } } ]
)",
     {.own_ids = false}},
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080", limits: { header_timeout: 0, body_timeout: 0, min_rate: 0,
               keepalive_timeout: 0 } } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ], connect_timeout: 0, response_timeout: 0, read_timeout: 0,
                connections: { idle_timeout: 0 } } }
routes: [ { pool: app } ]
)",
     {},
     false},
    // What the config says of who comes in, how much they bring, and which fields pass.
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ] } }
routes:
- pool: app
  access: { deny: [ 192.0.2.2 ] }
  max_body: 3000
  request_headers: { set: { x-token: "{request_id}" }, add: { x-hop: added }, remove: [ x-long ] }
  response_headers: { set: { x-answer: "{request_id}" }, add: { x-hop: added }, remove: [ x-long ] }
)",
     {.policies = {.denied = 2,
                   .most_body = 3000,
                   .request = support::kRequestChanges,
                   .response = support::kResponseChanges}}},
    // A policy that waits.
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ] } }
routes: [ { pool: app, timeout: 20s, max_body: 3000 } ]
)",
     {.stalls = false, .policies = {.most_body = 3000, .waits = std::chrono::seconds(5)}}},
    // One that asks another pool.
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ] },
         auth: { endpoints: [ "127.0.0.1:4000" ], response_timeout: 3s, connections: { idle: 1 } } }
routes: [ { pool: app }, { pool: auth, match: { host: auth.test }, access: { deny: [ 0.0.0.0/0 ] } } ]
)",
     {.policies = {.calls = std::chrono::seconds(5)}}},
    // One that changes bodies.
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ] } }
routes: [ { pool: app } ]
)",
     {.stalls = false, .policies = {.doubles = 61}}},
    // One that answers instead of every backend.
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ] } }
routes:
- pool: app
  response_headers: { set: { x-answer: "{request_id}" }, add: { x-hop: added }, remove: [ x-long ] }
)",
     {.policies = {.response = support::kResponseChanges, .replaces = true}}},
    // Few buffers.
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080", limits: { header_timeout: 3s, body_timeout: 5s,
               keepalive_timeout: 5s } } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ], connect_timeout: 2s, response_timeout: 5s,
                read_timeout: 5s, connections: { idle_timeout: 5s } } }
routes: [ { pool: app } ]
)",
     {.starves = true},
     true,
     std::chrono::milliseconds(250)},
    // Backends that may end for nobody, and streams that are silent for long.
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080", limits: { body_timeout: 3s } } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ], response_timeout: 5s, read_timeout: 4s } }
routes: [ { pool: app, on_abort: finish, timeout: 7s, stream_idle: 2s } ]
)",
     {.finishes = true}},
    // Much of it at once.
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080", limits: { header_timeout: 3s, body_timeout: 5s,
               keepalive_timeout: 5s } } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ], connect_timeout: 2s, response_timeout: 5s,
                read_timeout: 5s, connections: { idle_timeout: 5s } },
         auth: { endpoints: [ "127.0.0.1:4000" ], response_timeout: 3s } }
routes:
- pool: app
  on_abort: finish
  timeout: 9s
  stream_idle: 2s
  access: { deny: [ 192.0.2.2 ] }
  request_headers: { set: { x-token: "{request_id}" }, add: { x-hop: added }, remove: [ x-long ] }
- { pool: auth, match: { host: auth.test }, access: { deny: [ 0.0.0.0/0 ] } }
)",
     {.stalls = false,
      .finishes = true,
      .starves = true,
      .policies = {.denied = 2,
                   .request = support::kRequestChanges,
                   .calls = std::chrono::seconds(5),
                   .doubles = 61,
                   .pause_at = 3000}},
     true,
     std::chrono::milliseconds(250)},
    // Requests that are sent again, some of them with what was kept of their bodies.
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001", "127.0.0.1:3002" ], connect_timeout: 500ms,
                response_timeout: 5s, retry_budget: 100% } }
routes: [ { pool: app, timeout: 9s, retry: { attempts: 4 }, buffer: 100 } ]
)",
     {.most_attempts = 4}},
};

}  // namespace weir::fuzz
