/**
 * A kit to test plugins with: a sysfs of plain files, settings without a file, and what every trigger has to keep to.
 * Extend {@link bellhop.spi.testkit.TriggerContract}. Needs JUnit 5 and nothing else.
 */
@org.jspecify.annotations.NullMarked
package bellhop.spi.testkit;
