package bellhop.linux;

/**
 * The struct of {@code <sys/epoll.h>}, packed on x86-64 only.
 *
 * <pre>{@code
 * struct epoll_event {                // x86-64: 12 bytes   aarch64: 16 bytes
 *     uint32_t events;                //          0                  0
 *     epoll_data_t data;              //          4                  8
 * } __EPOLL_PACKED;
 * }</pre>
 *
 * @param size of one, in bytes
 * @param data offset of the 64 bits that come back
 */
record EpollEvent(int size, int data) {

    static final int EVENTS = 0;

    static EpollEvent of(Architecture machine) {
        return switch (machine) {
            case X86_64 -> new EpollEvent(12, 4);
            case AARCH64 -> new EpollEvent(16, 8);
        };
    }
}
