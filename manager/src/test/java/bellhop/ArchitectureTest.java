package bellhop;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.Serializable;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;

/** The walls between the packages, as docs/ARCHITECTURE.md draws them. */
@AnalyzeClasses(
        packages = "bellhop",
        importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
class ArchitectureTest {

    /** What each package uses of the others: this and nothing else, and each of it indeed. */
    private static final Map<String, Set<String>> USES = Map.ofEntries(
            entry(
                    "program",
                    Set.of(
                            "cli",
                            "terminal",
                            "manager",
                            "control",
                            "engine",
                            "engine.record",
                            "engine.readiness",
                            "engine.process",
                            "core",
                            "definition",
                            "linux")),
            entry(
                    "cli",
                    Set.of(
                            "manager",
                            "convert",
                            "control",
                            "trigger",
                            "log",
                            "engine",
                            "engine.record",
                            "engine.readiness",
                            "engine.process",
                            "core",
                            "catalog",
                            "yaml",
                            "definition",
                            "linux")),
            entry(
                    "manager",
                    Set.of(
                            "control",
                            "trigger",
                            "log",
                            "engine",
                            "engine.record",
                            "engine.process",
                            "core",
                            "catalog",
                            "yaml",
                            "definition",
                            "linux")),
            entry("convert", Set.of("catalog", "yaml", "definition", "linux")),
            entry("terminal", Set.of("control", "definition")),
            entry("control", Set.of("definition", "loop", "linux")),
            entry("trigger", Set.of("catalog", "yaml", "definition", "loop", "linux", "spi")),
            entry("log", Set.of("loop", "linux")),
            entry(
                    "engine",
                    Set.of(
                            "engine.record",
                            "engine.readiness",
                            "engine.process",
                            "core",
                            "definition",
                            "loop",
                            "linux")),
            entry("engine.record", Set.of("engine.readiness", "engine.process", "core", "definition", "linux")),
            entry("engine.readiness", Set.of("engine.process", "core", "definition", "loop", "linux")),
            entry("engine.process", Set.of("core", "catalog", "yaml", "definition", "loop", "linux")),
            entry("core", Set.of("definition")),
            entry("catalog", Set.of("yaml", "definition", "loop", "linux")),
            entry("yaml", Set.of("definition", "linux")),
            entry("definition", Set.of()),
            entry("loop", Set.of("linux")),
            entry("linux", Set.of()),
            entry("spi", Set.of()));

    /** What is time, chance, threads or the outside, in packages that are harmless otherwise. */
    private static final Set<String> IMPURE = Set.of(
            "java.lang.Process",
            "java.lang.ProcessBuilder",
            "java.lang.ProcessHandle",
            "java.lang.Runtime",
            "java.lang.System",
            "java.lang.Thread",
            "java.lang.ThreadLocal",
            "java.util.Calendar",
            "java.util.Date",
            "java.util.Random",
            "java.util.Scanner",
            "java.util.ServiceLoader",
            "java.util.Timer",
            "java.util.TimerTask",
            "java.util.UUID");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("bellhop.(*)..").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule theCoreKnowsNothingOfTheOutside = classes()
            .that()
            .resideInAPackage("bellhop.core..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "bellhop.core..",
                            "bellhop.definition..",
                            "java.lang",
                            "java.lang.annotation",
                            "java.lang.invoke",
                            "java.lang.runtime",
                            "java.util",
                            "java.util.function",
                            "java.util.stream",
                            "org.jspecify.annotations")
                    .and(not(impure()))
                    .or(DescribedPredicate.describe("Duration", type -> type.isEquivalentTo(Duration.class))))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyLinuxTouchesForeignMemory = noClasses()
            .that()
            .resideOutsideOfPackage("bellhop.linux..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.lang.foreign..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule childrenAreSpawnedByLinuxAlone = noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ProcessBuilder.class)
            .orShould()
            .callMethodWhere(describe(
                    "Runtime.exec",
                    call -> call.getTargetOwner().isEquivalentTo(Runtime.class)
                            && call.getName().equals("exec")))
            .because("its children share the manager's group and session, and cost a thread each");

    @ArchTest
    static final ArchRule onlyProgramsAndCommandsPrint = noClasses()
            .that()
            .resideOutsideOfPackages("bellhop.cli", "bellhop.manager", "bellhop.program")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethodWhere(describe(
                    "Throwable.printStackTrace",
                    call -> call.getTargetOwner().isAssignableTo(Throwable.class)
                            && call.getName().equals("printStackTrace")))
            .allowEmptyShould(true);

    @ArchTest
    static void eachPackageUsesWhatTheTableSays(JavaClasses classes) {
        Map<String, Set<String>> found = new TreeMap<>();
        for (JavaClass type : classes) {
            Set<String> used = found.computeIfAbsent(room(type), name -> new TreeSet<>());
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().startsWith("bellhop."))
                    .map(ArchitectureTest::room)
                    .filter(room -> !room.equals(room(type)))
                    .forEach(used::add);
        }
        Map<String, Set<String>> expected = new TreeMap<>(USES);
        expected.keySet().retainAll(found.keySet()); // the jar of spi may not be among the classes
        assertThat(found).isEqualTo(expected);
    }

    private static String room(JavaClass type) {
        return type.getPackageName().substring("bellhop.".length());
    }

    @ArchTest
    static final ArchRule onlyTheLanguageOfServiceYamlKnowsYaml = only("bellhop.yaml", "org.snakeyaml..");

    @ArchTest
    static final ArchRule onlyTheVerbsKnowTheCommandLine = only("bellhop.cli", "picocli..");

    @ArchTest
    static final ArchRule onlyWhatIsDrawnKnowsTerminals = only("bellhop.terminal", "org.jline..");

    private static ArchRule only(String room, String library) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(room)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library);
    }

    @ArchTest
    static final ArchRule definitionsAreValues = noClasses()
            .that()
            .resideInAPackage("bellhop.definition")
            .should()
            .dependOnClassesThat(resideInAPackage("java.io..")
                    .and(not(describe("is an exception", type -> type.isAssignableTo(Throwable.class))))
                    .and(not(describe("is Serializable", type -> type.isEquivalentTo(Serializable.class))))
                    .or(describe("reads files", type -> type.isEquivalentTo(Files.class)))
                    .or(impure()));

    @ArchTest
    static void noSimpleNameMeansTwoThings(JavaClasses classes) {
        Map<String, Set<String>> named = new TreeMap<>();
        for (JavaClass type : classes) {
            if (!type.isAnonymousClass() && !type.getSimpleName().equals("package-info")) {
                named.computeIfAbsent(type.getSimpleName(), name -> new TreeSet<>())
                        .add(type.getName());
            }
        }
        named.values().removeIf(types -> types.size() == 1);
        assertThat(named).isEmpty();
    }

    @ArchTest
    static void everyPackageIsNullMarked(JavaClasses classes) {
        assertThat(classes.stream().map(JavaClass::getPackage).distinct())
                .allMatch(found -> found.isAnnotatedWith(NullMarked.class));
    }

    private static DescribedPredicate<JavaClass> impure() {
        return describe(
                "time, chance, threads or the outside",
                type -> IMPURE.contains(type.getName())
                        || IMPURE.stream().anyMatch(name -> type.getName().startsWith(name + "$"))
                        || resideInAPackage("java.util.concurrent..").test(type));
    }
}
