using System.Text.Json;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>
/// Reads a list of files as restic's REST protocol has it, piece by piece: version 1 is an array of names, version 2 one of objects with name and size
/// (doc/REST_backend.rst). Names that are no ids are left out. What is no such list is a <see cref="JsonException"/>.
/// </summary>
internal sealed class RestListingParser
{
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 16 });
    private ObjectId? _name;
    private long? _size;
    private Property _property;
    private bool _began;

    private enum Property
    {
        Other,
        Name,
        Size,
    }

    /// <summary>Takes the next piece.</summary>
    /// <param name="bytes">What was left of the last piece, and the next.</param>
    /// <param name="isLast">Whether nothing follows.</param>
    /// <param name="found">Gets the files; the size is <see langword="null"/> where the list does not say it.</param>
    /// <returns>How many bytes were used; the others are to come again with what follows them.</returns>
    public int Parse(ReadOnlySpan<byte> bytes, bool isLast, List<(ObjectId Id, long? Size)> found)
    {
        var reader = new Utf8JsonReader(bytes, isLast, _state);
        while (reader.Read()) Take(ref reader, found);
        _state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    private void Take(ref Utf8JsonReader reader, List<(ObjectId Id, long? Size)> found)
    {
        if (!_began)
        {
            // Go writes null for a list without anything in it.
            if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.Null)) throw new JsonException("It is no list.");
            _began = true;
            return;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.String when reader.CurrentDepth == 1:
                if (TryReadId(ref reader, out var id)) found.Add((id, null));
                break;
            case JsonTokenType.StartObject when reader.CurrentDepth == 1:
                (_name, _size, _property) = (null, null, Property.Other);
                break;
            case JsonTokenType.PropertyName when reader.CurrentDepth == 2:
                _property = reader.ValueTextEquals("name"u8) ? Property.Name : reader.ValueTextEquals("size"u8) ? Property.Size : Property.Other;
                break;
            case JsonTokenType.String when reader.CurrentDepth == 2 && _property == Property.Name:
                _name = TryReadId(ref reader, out var named) ? named : null;
                break;
            case JsonTokenType.Number when reader.CurrentDepth == 2 && _property == Property.Size:
                _size = reader.TryGetInt64(out long size) && size >= 0 ? size : throw new JsonException("A file's size is none.");
                break;
            case JsonTokenType.EndObject when reader.CurrentDepth == 1:
                if (_name is { } complete) found.Add((complete, _size));
                break;
        }
    }

    private static bool TryReadId(ref Utf8JsonReader reader, out ObjectId id)
    {
        id = default;
        return !reader.HasValueSequence && ObjectId.TryParse(reader.ValueSpan, out id);
    }
}
