package io.sluice.api.signatures;

import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.GenericDeclaration;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Types as text, with type arguments and nullness, the same on every JDK (what {@code
 * Type.toString} prints is not).
 */
final class TypeText {
  private TypeText() {}

  static String of(AnnotatedType type) {
    String suffix = type.isAnnotationPresent(Nullable.class) ? "?" : "";
    return unmarked(type) + suffix;
  }

  static String list(AnnotatedType[] types) {
    return Arrays.stream(types).map(TypeText::of).collect(Collectors.joining(", "));
  }

  /** The type parameters of a class or method in angle brackets, or nothing. */
  static String parameters(GenericDeclaration declaration) {
    TypeVariable<?>[] variables = declaration.getTypeParameters();
    if (variables.length == 0) {
      return "";
    }
    return Arrays.stream(variables)
        .map(variable -> variable.getName() + bounds(" extends ", variable.getAnnotatedBounds()))
        .collect(Collectors.joining(", ", "<", ">"));
  }

  private static String unmarked(AnnotatedType type) {
    if (type instanceof AnnotatedArrayType array) {
      return of(array.getAnnotatedGenericComponentType()) + "[]";
    }
    if (type instanceof AnnotatedParameterizedType parameterized) {
      Type raw = ((ParameterizedType) parameterized.getType()).getRawType();
      return raw.getTypeName() + "<" + list(parameterized.getAnnotatedActualTypeArguments()) + ">";
    }
    if (type instanceof AnnotatedWildcardType wildcard) {
      return "*"
          + bounds(" super ", wildcard.getAnnotatedLowerBounds())
          + bounds(" extends ", wildcard.getAnnotatedUpperBounds());
    }
    if (type instanceof AnnotatedTypeVariable variable) {
      return ((TypeVariable<?>) variable.getType()).getName();
    }
    return type.getType().getTypeName();
  }

  private static String bounds(String keyword, AnnotatedType[] bounds) {
    List<String> texts =
        Arrays.stream(bounds).map(TypeText::of).filter(text -> !isObject(text)).toList();
    return texts.isEmpty() ? "" : keyword + String.join(" & ", texts);
  }

  private static boolean isObject(String text) {
    return text.equals("java.lang.Object");
  }

  /** Whether an element is marked as going away, as text to print before it. */
  static String deprecation(AnnotatedElement element) {
    return element.isAnnotationPresent(Deprecated.class) ? "@Deprecated " : "";
  }
}
