// TlsWorkshop: what all TLS connections of a worker share, so that an idle one holds no buffer of its own: the BIO that
// libssl reads and writes through, without a system call; room for ciphertext that comes, for plaintext that is put
// together to a record, and for records that leave in one send. Each is in use within one call of a TlsTransport only.
// One per worker, one thread; outlives the transports.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "net/loop.h"
#include "net/tls_handles.h"

namespace weir::net {

class TlsWorkshop final {
 public:
    static constexpr size_t kRecord = 16 * 1024;           // of plaintext, at most (RFC 8446 5.1)
    static constexpr size_t kCiphertext = kRecord + 1024;  // a whole record with all that may stand around it
    static constexpr size_t kCollect = 256 * 1024;         // of plaintext, for one send

    explicit TlsWorkshop(Loop& loop);
    ~TlsWorkshop();
    TlsWorkshop(const TlsWorkshop&) = delete;
    TlsWorkshop& operator=(const TlsWorkshop&) = delete;

    Loop& loop() { return loop_; }
    // Has `ssl` read `input` and write `output`: whoever calls libssl sets the one before, and takes the other behind
    // it.
    void lend_bio(ssl_st* ssl);
    std::span<const char> input;
    std::string output;
    std::span<char> ciphertext() { return {room(), kCiphertext}; }
    std::span<char> record() { return {room() + kCiphertext, kRecord}; }

 private:
    char* room();

    Loop& loop_;
    TlsHandle<bio_method_st> method_;
    TlsHandle<bio_st> bio_;
    std::unique_ptr<char[]> room_;  // made with the first connection
};

}  // namespace weir::net
