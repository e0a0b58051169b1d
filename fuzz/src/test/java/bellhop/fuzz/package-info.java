/** What the fuzz targets share. */
@org.jspecify.annotations.NullMarked
package bellhop.fuzz;
