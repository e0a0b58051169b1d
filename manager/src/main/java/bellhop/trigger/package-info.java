/**
 * Plugins: loads them, asks them what is present, and turns that into holds on services.
 *
 * <p>Begin with {@link bellhop.trigger.Triggers}, the thread {@code bellhop-triggers}. {@link bellhop.trigger.PluginJar} loads
 * one, {@link bellhop.trigger.PluginThread} runs its code, {@link bellhop.trigger.Levels} compares what is there with what
 * is held. Services are known by {@link bellhop.trigger.Services} alone, and what a plugin looks at not at all.
 */
@NullMarked
package bellhop.trigger;

import org.jspecify.annotations.NullMarked;
