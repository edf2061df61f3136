package io.sluice.api.signatures;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Renders what other people's code can see of a set of classes: one paragraph a class, one line a
 * member, sorted, so that a diff of the text is a diff of the API. A question mark means nullable.
 */
final class ApiSignatures {
  private ApiSignatures() {}

  static String render(Collection<Class<?>> classes) {
    return classes.stream()
        .filter(ApiSignatures::isVisible)
        .sorted(Comparator.comparing(Class::getName))
        .map(ApiSignatures::paragraph)
        .collect(Collectors.joining("\n"));
  }

  private static boolean isVisible(Class<?> type) {
    if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
      return false;
    }
    Class<?> outer = type.getDeclaringClass();
    return isVisible(type.getModifiers()) && (outer == null || isVisible(outer));
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static String paragraph(Class<?> type) {
    Stream<String> members =
        Stream.of(
                Arrays.stream(type.getDeclaredFields())
                    .filter(field -> isVisible(field.getModifiers()) && !field.isSynthetic())
                    .map(ApiSignatures::field),
                Arrays.stream(type.getDeclaredConstructors())
                    .filter(made -> isVisible(made.getModifiers()) && !made.isSynthetic())
                    .map(ApiSignatures::constructor),
                Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> isVisible(method.getModifiers()) && !method.isSynthetic())
                    .map(ApiSignatures::method))
            .flatMap(stream -> stream)
            .sorted();
    return members.map(line -> "  " + line + "\n").collect(Collectors.joining("", head(type), ""));
  }

  private static String head(Class<?> type) {
    StringBuilder head = new StringBuilder(TypeText.deprecation(type));
    head.append(modifiers(type.getModifiers() & ~typeNoise(type)));
    if (type.isSealed()) {
      head.append("sealed ");
    }
    head.append(kind(type)).append(' ').append(type.getName()).append(TypeText.parameters(type));
    AnnotatedType parent = type.getAnnotatedSuperclass();
    if (parent != null && !isImplied(type)) {
      String text = TypeText.of(parent);
      head.append(text.equals("java.lang.Object") ? "" : " extends " + text);
    }
    List<String> interfaces =
        new ArrayList<>(Arrays.stream(type.getAnnotatedInterfaces()).map(TypeText::of).toList());
    if (!interfaces.isEmpty()) {
      head.append(type.isInterface() ? " extends " : " implements ");
      head.append(String.join(", ", interfaces));
    }
    return head.append('\n').toString();
  }

  private static String kind(Class<?> type) {
    if (type.isAnnotation()) {
      return "@interface";
    }
    if (type.isInterface()) {
      return "interface";
    }
    if (type.isEnum()) {
      return "enum";
    }
    return type.isRecord() ? "record" : "class";
  }

  /** Modifiers that the kind of a type implies, or that the compiler chooses. */
  private static int typeNoise(Class<?> type) {
    int noise = Modifier.INTERFACE;
    if (type.isInterface()) {
      noise |= Modifier.ABSTRACT | Modifier.STATIC;
    }
    if (isImplied(type)) {
      noise |= Modifier.FINAL | Modifier.ABSTRACT | Modifier.STATIC;
    }
    return noise;
  }

  private static boolean isImplied(Class<?> type) {
    return type.isEnum() || type.isRecord();
  }

  private static String field(Field field) {
    return TypeText.deprecation(field)
        + modifiers(field.getModifiers())
        + TypeText.of(field.getAnnotatedType())
        + " "
        + field.getName();
  }

  private static String constructor(Constructor<?> constructor) {
    return TypeText.deprecation(constructor)
        + modifiers(constructor.getModifiers())
        + "new"
        + TypeText.parameters(constructor)
        + arguments(constructor);
  }

  private static String method(Method method) {
    int modifiers = method.getModifiers();
    return TypeText.deprecation(method)
        + modifiers(modifiers & ~(Modifier.NATIVE | Modifier.SYNCHRONIZED))
        + (method.isDefault() ? "default " : "")
        + (method.getTypeParameters().length == 0 ? "" : TypeText.parameters(method) + " ")
        + TypeText.of(method.getAnnotatedReturnType())
        + " "
        + method.getName()
        + arguments(method);
  }

  private static String arguments(Executable executable) {
    String types =
        Arrays.stream(executable.getParameters())
            .map(ApiSignatures::argument)
            .collect(Collectors.joining(", ", "(", ")"));
    AnnotatedType[] thrown = executable.getAnnotatedExceptionTypes();
    return thrown.length == 0 ? types : types + " throws " + TypeText.list(thrown);
  }

  private static String argument(Parameter parameter) {
    String text = TypeText.of(parameter.getAnnotatedType());
    return parameter.isVarArgs() ? text.replaceFirst("\\[]$", "...") : text;
  }

  private static String modifiers(int modifiers) {
    // For methods the bits of volatile and transient mean bridge and varargs.
    int shown = modifiers & ~(Modifier.VOLATILE | Modifier.TRANSIENT);
    return shown == 0 ? "" : Modifier.toString(shown) + " ";
  }
}
