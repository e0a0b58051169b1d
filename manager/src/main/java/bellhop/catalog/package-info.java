/**
 * The directories of services: found, watched and checked, and who may change them.
 *
 * <p>Begin with {@link bellhop.catalog.ServiceDirectories}, which knows where they are, and {@link
 * bellhop.catalog.ServiceReader}, which reads services and what they require, each once. {@link bellhop.catalog.Finding} is
 * what a directory said, {@link bellhop.catalog.Findings} what all said that one request needs. {@link
 * bellhop.catalog.Catalog} keeps all of them up to date on a thread of its own ({@link bellhop.catalog.DirectoryWatcher},
 * {@link bellhop.catalog.DirectoryFingerprint}). {@link bellhop.catalog.StaticCheck} looks whether what a definition names
 * is there, {@link bellhop.catalog.TrustCheck} whether root may run it. Whether a service runs is not known here.
 */
@NullMarked
package bellhop.catalog;

import org.jspecify.annotations.NullMarked;
