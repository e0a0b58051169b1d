/** The plugin {@code wifi}: wireless interfaces. */
@org.jspecify.annotations.NullMarked
package bellhop.plugin.wifi;
