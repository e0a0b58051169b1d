/**
 * Services of other managers, made service directories by {@code bh import}; loaded in the client alone.
 *
 * <p>Begin with {@link bellhop.convert.Importer}. A reader for each format, {@link bellhop.convert.UnitReader} of systemd,
 * {@link bellhop.convert.SupervisordReader} and {@link bellhop.convert.ComposeReader}, makes {@link
 * bellhop.convert.ImportedService}s and says in the {@link bellhop.convert.ImportReport} what became of each key of its
 * file. {@link bellhop.convert.ServiceFiles} is the one writer for all of them. Nothing is started here, and no manager
 * is asked.
 */
@NullMarked
package bellhop.convert;

import org.jspecify.annotations.NullMarked;
