/**
 * What a Bellhop plugin is made of. Begin with {@link bellhop.spi.TriggerPlugin}; the plugin guide has an example.
 *
 * <p>A plugin is one jar in {@code plugins/}, loaded when the manager starts. It sees this package and the JDK
 * (the modules {@code java.base}, {@code java.logging}, {@code java.management}, {@code java.net.http},
 * {@code java.xml} and {@code jdk.unsupported}), and what it brings along in its own jar; other plugins and the
 * manager it does not see. It runs inside the manager with the manager's rights: it may be faulty, and the
 * manager goes on, but it is trusted not to be hostile.
 */
@org.jspecify.annotations.NullMarked
package bellhop.spi;
