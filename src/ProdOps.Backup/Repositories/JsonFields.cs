using System.Text.Json;

namespace ProdOps.Backup.Repositories;

/// <summary>Reads fields as Go's decoder does: an absent one and null are the zero value; another type is an error.</summary>
internal static class JsonFields
{
    public static string? GetText(this JsonElement json, string name)
    {
        if (!TryGet(json, name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.String) throw new JsonException($"its {name} is no text");
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException error)
        {
            // Bytes that are no UTF-8, or half a surrogate pair.
            throw new JsonException($"its {name} is no valid text", error);
        }
    }

    public static IReadOnlyList<string> GetTexts(this JsonElement json, string name)
    {
        if (!TryGet(json, name, out var value)) return [];
        if (value.ValueKind != JsonValueKind.Array) throw new JsonException($"its {name} is no list");
        var texts = new List<string>(value.GetArrayLength());
        foreach (var element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.String) throw new JsonException($"its {name} holds something else than text");
            try
            {
                texts.Add(element.GetString()!);
            }
            catch (InvalidOperationException error)
            {
                throw new JsonException($"its {name} holds invalid text", error);
            }
        }

        return texts;
    }

    public static long GetCount(this JsonElement json, string name, long maximum = long.MaxValue)
    {
        if (!TryGet(json, name, out var value)) return 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long count) && count >= 0 && count <= maximum
            ? count
            : throw new JsonException($"its {name} is no whole number up to {maximum}");
    }

    public static bool GetFlag(this JsonElement json, string name)
    {
        if (!TryGet(json, name, out var value)) return false;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new JsonException($"its {name} is neither true nor false");
    }

    public static ObjectId? GetId(this JsonElement json, string name)
    {
        if (json.GetText(name) is not { } text) return null;
        return ObjectId.TryParse(text, out var id) ? id : throw new JsonException($"its {name} is not 64 hexadecimal digits");
    }

    public static Rfc3339Time? GetTime(this JsonElement json, string name)
    {
        if (json.GetText(name) is not { } text) return null;
        return Rfc3339Time.TryParse(text, out var time) ? time : throw new JsonException($"its {name} is no moment");
    }

    private static bool TryGet(JsonElement json, string name, out JsonElement value) =>
        json.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
