// Wire: moves bytes between a transport and a codec for the connection that owns both. It reads at most 256 KiB a turn,
// writes what the codec queued in one send at the end of the turn, and keeps the kernel from reading ahead of a codec
// that wants nothing. It knows nothing of what the bytes mean. One thread.
#pragma once

#include <memory>
#include <optional>

#include "base/byte_codec.h"
#include "net/loop.h"
#include "net/transport.h"

namespace weir::net {

class Wire final : private Job {
 public:
    static constexpr size_t kReadBudget = 256 * 1024;  // a connection and turn
    // Output of several small pieces up to here is put together on the stack: one plain send costs less than a vector.
    static constexpr size_t kGather = 4096;

    class Owner {
     public:
        // A dialled transport is connected, or not: `error` is an errno then. Once, also when it was so from the start.
        virtual void on_connected(int error) = 0;
        // After everything that a turn or a flush moved; the peer's end and failures included.
        virtual void on_wire() = 0;

     protected:
        ~Owner() = default;
    };

    // `lane` is Lane::upstream or Lane::downstream.
    Wire(Loop& loop, std::unique_ptr<Transport> transport, ByteCodec& codec, Owner& owner, Lane lane);

    // What the codec's owner passes on (ByteWire).
    void output_pending();
    void input_wanted();
    // Runs this connection's turn again though nothing came: a pipelined request waits in the codec.
    void schedule();
    // There may be buffers again, or what it waits for may not wait for them.
    void read_again();

    // The next output leaves only if nothing has come from the peer by then; else what came is read first.
    void look_before_writing() { look_first_ = true; }

    // A FIN behind what is written once the output is empty.
    void shutdown_when_flushed();
    // Closes at once, with a RST if asked. No callback follows.
    void close(bool reset);

    bool closed() const { return transport_ == nullptr; }
    bool peer_ended() const { return end_read_; }
    // It was read in this turn, and the codec has not been told yet: nothing is known of the peer until then.
    bool unheard() const { return looked_; }
    bool flushed() const { return codec_.output().empty(); }
    bool uses_pipes() const { return !closed() && transport_->uses_pipes(); }
    // on_wire() comes again, in our own lane.
    bool due() const { return linked(); }
    const Transport& transport() const { return *transport_; }

 private:
    class FlushJob final : public Job {
     public:
        explicit FlushJob(Wire& wire) : wire_(wire) {}
        void run_job() override { wire_.flush(); }

     private:
        Wire& wire_;
    };

    void run_job() override;
    bool finish_connect();
    void settle_down();
    bool may_read() const;
    bool lacks_buffers() const;
    IoResult read_once();
    IoResult read_into_room();
    void take_arrived();
    Lane reading_lane() const { return lane_ == Lane::upstream ? Lane::upstream_read : Lane::downstream_read; }
    bool take_in(const IoResult& result);
    void flush();
    [[gnu::cold]] void give_up();
    [[gnu::cold]] void fail_write();
    IoResult write_once(bool last);
    void update_pause();

    Loop& loop_;
    std::unique_ptr<Transport> transport_;
    ByteCodec& codec_;
    Owner& owner_;
    FlushJob flush_job_;
    std::optional<IoResult> arrived_;  // what this turn's reading lane brought
    Lane lane_;
    bool looked_ = false;  // the reading lane had its turn, ours comes next
    bool connected_ = false;
    bool announced_ = false;  // on_connected() was called
    bool end_read_ = false;
    bool write_failed_ = false;
    bool look_first_ = false;
    bool shutdown_wanted_ = false;
    bool flushing_ = false;  // telling the codec what has left
};

}  // namespace weir::net
