/** The plugin {@code getty}: terminals to log in at. */
@org.jspecify.annotations.NullMarked
package bellhop.plugin.getty;
