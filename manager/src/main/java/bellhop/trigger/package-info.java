/** Plugins: loads them, asks them what is present, and turns that into holds on services. */
@org.jspecify.annotations.NullMarked
package bellhop.trigger;
