package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies what the manager finds out about its cache of loaded classes. */
class ClassCacheTest {

    @TempDir
    private Path folder;

    private Path maps;
    private Path home;

    @BeforeEach
    void anImage() throws IOException {
        maps = folder.resolve("maps");
        home = Files.createDirectory(folder.resolve("image"));
        Files.createDirectory(home.resolve("lib"));
    }

    private ClassCache look(String mapped) throws IOException {
        Files.writeString(maps, "7f00-7f01 r--p 00000000 fe:00 12  /usr/lib/libc.so.6\n" + mapped);
        return ClassCache.look(maps, home);
    }

    @Test
    void whatIsMappedIsUsed() throws IOException {
        Files.writeString(home.resolve("lib/manager.aot"), "a cache");
        assertThat(look("87001000-887a6000 rw-p 00001000 fe:00 21  /opt/link/lib/manager.aot\n"))
                .isEqualTo(ClassCache.USED);
    }

    @Test
    void ofAnImageThatWasReplacedTheOldOneIsUsed() throws IOException {
        assertThat(look("87001000-887a6000 rw-p 00001000 fe:00 21  /opt/b/lib/manager.aot (deleted)\n"))
                .isEqualTo(ClassCache.USED);
    }

    @Test
    void oneThatIsThereAndNotMappedIsUnusedWhichIsTold() throws IOException {
        Files.writeString(home.resolve("lib/manager.aot"), "a cache of other jars");
        assertThat(look("")).isEqualTo(ClassCache.UNUSED);
        assertThat(ClassCache.UNUSED.complaint()).get().asString().contains("is not used", "lib/train.sh");
    }

    @Test
    void oneThatIsNotThereIsMissingAndMadeWithoutAWord() throws IOException {
        assertThat(look("")).isEqualTo(ClassCache.MISSING);
        Files.writeString(home.resolve("lib/manager.aot"), "");
        assertThat(look("")).isEqualTo(ClassCache.MISSING);
        assertThat(ClassCache.MISSING.complaint()).isEmpty();
        assertThat(ClassCache.USED.complaint()).isEmpty();
    }
}
