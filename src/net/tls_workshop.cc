#include "net/tls_workshop.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace weir::net {

namespace {

TlsWorkshop& workshop_of(BIO* bio) {
    return *static_cast<TlsWorkshop*>(BIO_get_data(bio));
}

int read_input(BIO* bio, char* into, size_t room, size_t* got) {
    BIO_clear_retry_flags(bio);
    std::span<const char>& input = workshop_of(bio).input;
    if (input.empty()) {
        BIO_set_retry_read(bio);
        return 0;
    }
    *got = std::min(room, input.size());
    std::memcpy(into, input.data(), *got);
    input = input.subspan(*got);
    return 1;
}

int write_output(BIO* bio, const char* from, size_t count, size_t* put) {
    BIO_clear_retry_flags(bio);
    workshop_of(bio).output.append(from, count);
    *put = count;
    return 1;
}

long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace

TlsWorkshop::TlsWorkshop(Loop& loop) : loop_(loop), method_(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "weir")) {
    CHECK(method_ != nullptr);
    BIO_meth_set_read_ex(method_.get(), read_input);
    BIO_meth_set_write_ex(method_.get(), write_output);
    BIO_meth_set_ctrl(method_.get(), control);
    bio_.reset(BIO_new(method_.get()));
    CHECK(bio_ != nullptr);
    BIO_set_data(bio_.get(), this);
    BIO_set_init(bio_.get(), 1);
}

TlsWorkshop::~TlsWorkshop() = default;

// One reference for each direction.
void TlsWorkshop::lend_bio(SSL* ssl) {
    BIO_up_ref(bio_.get());
    BIO_up_ref(bio_.get());
    SSL_set0_rbio(ssl, bio_.get());
    SSL_set0_wbio(ssl, bio_.get());
}

char* TlsWorkshop::room() {
    if (room_ == nullptr) room_.reset(new char[kCiphertext + kRecord]);
    return room_.get();
}

}  // namespace weir::net
