package bellhop;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;

/** The walls between the packages, top to bottom; an empty package breaks none. */
@AnalyzeClasses(
        packages = "bellhop",
        importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
class ArchitectureTest {

    /** What each package may use of the others. */
    private static final Map<String, List<String>> MAY_USE = Map.of(
            "program", List.of("cli", "control", "trigger", "engine", "core", "definition", "log", "linux"),
            "cli", List.of("control", "trigger", "engine", "core", "definition", "log", "linux"),
            "control", List.of("definition", "log", "linux"),
            "trigger", List.of("engine", "core", "definition", "log", "linux", "spi"),
            "engine", List.of("core", "definition", "log", "linux"),
            "core", List.of("definition"),
            "definition", List.of("linux"),
            "log", List.of("linux"),
            "linux", List.of(),
            "spi", List.of());

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
            .resideOutsideOfPackages("bellhop.cli..", "bellhop.program..")
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
    static void eachPackageUsesOnlyThoseBelowIt(JavaClasses classes) {
        MAY_USE.forEach((name, below) -> {
            String[] others = MAY_USE.keySet().stream()
                    .filter(other -> !other.equals(name) && !below.contains(other))
                    .map(other -> "bellhop." + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("bellhop." + name + "..")
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(others))
                    .allowEmptyShould(true)
                    .check(classes);
        });
    }

    @ArchTest
    static void everyPackageHasItsPlace(JavaClasses classes) {
        assertThat(classes.stream().map(JavaClass::getPackageName).distinct())
                .contains("bellhop.linux")
                .allMatch(name -> MAY_USE.containsKey(name.replaceFirst("^bellhop\\.", "")));
    }

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
