using System.Reflection;
using System.Runtime.CompilerServices;

namespace ProdOps.Monitoring.Tests.TestTools;

/// <summary>What objects take in memory, with all that they lead to: counted, and so the same on each run, whatever else the process does.</summary>
internal static class ObjectGraph
{
    private const int Header = 16, ArrayHeader = 24, StringHeader = 22;

    private static readonly MethodInfo SizeOf = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!;
    private static readonly Dictionary<Type, int> Sizes = [];
    private static readonly Dictionary<Type, FieldInfo[]> FieldsOf = [];

    /// <param name="roots">Where to begin.</param>
    /// <param name="leaveOut">Objects that are not counted, nor what only they lead to.</param>
    /// <returns>Bytes, as a 64-bit runtime lays objects out.</returns>
    public static long Bytes(IEnumerable<object> roots, Func<object, bool> leaveOut)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var waiting = new Stack<object>();
        long bytes = 0;
        foreach (object root in roots) Reach(root);
        while (waiting.TryPop(out object? one))
        {
            var type = one.GetType();
            if (one is string text)
            {
                bytes += Aligned(StringHeader + (2 * text.Length));
            }
            else if (one is Array array)
            {
                var element = type.GetElementType()!;
                bytes += Aligned(ArrayHeader + ((long)array.Length * (element.IsValueType ? Size(element) : IntPtr.Size)));
                if (!element.IsPrimitive && !element.IsEnum) foreach (object? value in array) Look(value, element);
            }
            else
            {
                bytes += Aligned(Header + Fields(type).Sum(static field => field.FieldType.IsValueType ? Size(field.FieldType) : IntPtr.Size));
                foreach (var field in Fields(type)) Look(field.GetValue(one), field.FieldType);
            }
        }

        return bytes;

        void Look(object? value, Type type)
        {
            if (value is null || type.IsPointer || type.IsPrimitive || type.IsEnum) return;
            if (!type.IsValueType) Reach(value);
            else foreach (var field in Fields(value.GetType())) Look(field.GetValue(value), field.FieldType);
        }

        void Reach(object value)
        {
            if (value is not (Type or MemberInfo or Delegate or Pointer) && !leaveOut(value) && seen.Add(value)) waiting.Push(value);
        }
    }

    private static long Aligned(long bytes) => (bytes + 7) / 8 * 8;

    private static int Size(Type type)
    {
        if (!Sizes.TryGetValue(type, out int size)) Sizes[type] = size = type.IsPointer ? IntPtr.Size : (int)SizeOf.MakeGenericMethod(type).Invoke(null, null)!;
        return size;
    }

    private static FieldInfo[] Fields(Type type)
    {
        if (FieldsOf.TryGetValue(type, out var known)) return known;
        var fields = new List<FieldInfo>();
        for (var at = type; at is not null; at = at.BaseType) fields.AddRange(at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));
        return FieldsOf[type] = [.. fields];
    }
}
