using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProdOps.Host;

/// <summary>
/// Writes an object as one line of JSON: its properties by name, numbers as numbers, moments in ISO 8601, durations as
/// <c>[-][d.]hh:mm:ss[.fffffff]</c>, enumerations by name, bytes as base64.
/// </summary>
internal static class ObjectJson
{
    /// <summary>Below this depth an object is written as its text.</summary>
    private const int MaximumDepth = 6;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static string Serialize(object? value)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Options)) Write(writer, value, depth: 0);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, object? value, int depth)
    {
        object? bare = value is PSObject wrapped ? wrapped.BaseObject : value;
        switch (bare)
        {
            case null or DBNull: json.WriteNullValue(); break;
            case string text: WriteText(json, text); break;
            case char letter: WriteText(json, letter.ToString()); break;
            case bool truth: json.WriteBooleanValue(truth); break;
            case SwitchParameter given: json.WriteBooleanValue(given.IsPresent); break;
            case Enum name: json.WriteStringValue(name.ToString()); break;
            case double number when !double.IsFinite(number): json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture)); break;
            case float number when !float.IsFinite(number): json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture)); break;
            case byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal or BigInteger:
                json.WriteRawValue(((IFormattable)bare).ToString(null, CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset moment: json.WriteStringValue(moment); break;
            case DateTime moment: json.WriteStringValue(moment); break;
            case TimeSpan duration: json.WriteStringValue(duration.ToString("c", CultureInfo.InvariantCulture)); break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            case Guid or Uri or Version or Type or ScriptBlock: WriteText(json, bare.ToString() ?? ""); break;
            case var _ when depth >= MaximumDepth: WriteText(json, value!.ToString() ?? ""); break;
            case IDictionary map: WriteMap(json, map, depth); break;
            case IEnumerable list: WriteList(json, list, depth); break;
            default: WriteProperties(json, PSObject.AsPSObject(value!), depth); break;
        }
    }

    private static void WriteMap(Utf8JsonWriter json, IDictionary map, int depth)
    {
        json.WriteStartObject();
        foreach (DictionaryEntry entry in map)
        {
            json.WritePropertyName(Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "");
            Write(json, entry.Value, depth + 1);
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, IEnumerable list, int depth)
    {
        json.WriteStartArray();
        foreach (object? item in list) Write(json, item, depth + 1);
        json.WriteEndArray();
    }

    private static void WriteProperties(Utf8JsonWriter json, PSObject source, int depth)
    {
        json.WriteStartObject();
        foreach (var property in source.Properties)
        {
            // An alias of the type system would repeat a property that is there already.
            if (!property.IsGettable || property.MemberType == PSMemberTypes.AliasProperty) continue;
            object? value;
            try
            {
                value = property.Value;
            }
            catch (GetValueException)
            {
                continue;
            }

            json.WritePropertyName(property.Name);
            Write(json, value, depth + 1);
        }

        json.WriteEndObject();
    }

    /// <summary>A path may hold lone surrogates (bytes that are not UTF-8): JSON's escapes keep them, an encoder would replace them.</summary>
    private static void WriteText(Utf8JsonWriter json, string text)
    {
        if (IsWellFormed(text))
        {
            json.WriteStringValue(text);
            return;
        }

        var escaped = new StringBuilder("\"", text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) escaped.Append(c).Append(text[++i]);
            else if (c is '"' or '\\') escaped.Append('\\').Append(c);
            else if (c < ' ' || char.IsSurrogate(c)) escaped.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else escaped.Append(c);
        }

        json.WriteRawValue(escaped.Append('"').ToString(), skipInputValidation: true);
    }

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return false;
            i++;
        }

        return true;
    }
}
