using System.Globalization;
using System.Text;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Formats.Values;
using ValueType = ProdOps.Logging.Formats.Values.ValueType;

namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>
/// Sends lines to VictoriaLogs (<c>/insert/jsonline</c>). It keeps whatever it gets, so a batch whose answer was lost and that is sent again is there twice: searches show such lines
/// once, and it is told, since counts that the engine makes have them twice.
/// </summary>
internal sealed class VictoriaLogsPush(EngineHttp http, IActivity activity) : IEnginePush
{
    // Not application/x-www-form-urlencoded: that is answered with 200, and everything is dropped.
    private const string MediaType = "application/stream+json";
    private const string Path = "/insert/jsonline?_stream_fields=server,source&_time_field=_time&_msg_field=_msg";

    // The engine drops lines with more than 1000 fields and names of more than 128 bytes; many columns cost it dearly long before.
    private const int MostFields = 200, LongestName = 128, LongestFields = 12 * 1024;

    // It drops lines of more than 256 KiB with all their fields, and says so only in its own log.
    private const int LongestLine = 256 * 1024, LongestMessage = 176 * 1024;

    public async Task<string?> PushAsync(CutBatch batch, string? note, CancellationToken cancellationToken)
    {
        using var body = new PushBody();
        var reader = new FieldReader(batch.Format, batch.Context);
        int cut = 0, lines = 0;
        foreach (var place in batch.Places)
        {
            if (Write(body, batch, place, reader)) cut++;
            lines++;
            if (body.Length < PushBody.LongestBody - LongestLine) continue;
            await SendAsync(body, batch, lines, cancellationToken).ConfigureAwait(false);
            body.Clear();
            lines = 0;
        }

        if (lines > 0) await SendAsync(body, batch, lines, cancellationToken).ConfigureAwait(false);
        if (cut > 0) activity.Warning(string.Create(CultureInfo.InvariantCulture, $"{cut} lines of {batch.Stream} are longer than VictoriaLogs takes ({LongestMessage / 1024} KiB) and were sent without their end."));
        return null;
    }

    private async Task SendAsync(PushBody body, CutBatch batch, int lines, CancellationToken cancellationToken)
    {
        bool mayBeTwice = false;
        await http.RunAsync("send lines", async token =>
        {
            try
            {
                var request = new HttpRequestMessage(HttpMethod.Post, http.Location + Path) { Content = body.ToContent(MediaType) };
                return await http.AskAsync(request, static (_, _) => Task.FromResult(true), token).ConfigureAwait(false);
            }
            catch (EngineTroubleException error) when (error.MayHaveArrived)
            {
                mayBeTwice = true;
                throw;
            }
        }, cancellationToken).ConfigureAwait(false);
        if (mayBeTwice)
            activity.Warning(string.Create(CultureInfo.InvariantCulture, $"{lines} lines of {batch.Stream} were sent again because an answer was lost. Searches show them once; what VictoriaLogs counts may have them twice."));
    }

    private static bool Write(PushBody body, CutBatch batch, in LinePlace place, FieldReader reader)
    {
        var line = batch.LineOf(place);
        bool isParsed = reader.Read(line);
        var text = PushBody.Valid(line);
        bool cut = PushBody.TryCut(ref text, LongestMessage);
        var json = body.Json;
        json.WriteStartObject();
        json.WriteString("_time"u8, LogsQlText.Time(place.Ticks));
        json.WriteString("_msg"u8, text.IsEmpty ? " "u8 : text);
        json.WriteString("server"u8, batch.Stream.Server);
        json.WriteString("source"u8, batch.Stream.Source);
        json.WriteString(LogsQlFields.Format, batch.Format.Name);
        json.WriteString(LogsQlFields.Received, place.Received.ToString(CultureInfo.InvariantCulture));
        if (batch.Context.Zone.Id != "UTC") json.WriteString(LogsQlFields.Zone, batch.Context.Zone.Id);
        if (text.IsEmpty) json.WriteString(LogsQlFields.Blank, "1");
        if (batch.Format.ReadLevel(batch.FirstLineOf(place)) is { } level) json.WriteString("level"u8, level.ToString().ToLowerInvariant());
        bool isPartial = cut;
        if (isParsed) isPartial |= !WriteFields(json, line, reader);
        if (isPartial) json.WriteString(LogsQlFields.Partial, "1");
        json.WriteEndObject();
        body.EndLine();
        return cut;
    }

    /// <summary>Writes what the format tells apart.</summary>
    /// <returns>False if something had to be left out.</returns>
    private static bool WriteFields(System.Text.Json.Utf8JsonWriter json, ReadOnlySpan<byte> line, FieldReader reader)
    {
        var written = new HashSet<string>(StringComparer.Ordinal);
        var texts = new StringBuilder();
        int length = 0;
        bool all = true;
        foreach (ref readonly var field in reader.Fields)
        {
            string name = LogsQlFields.NameOf(field.Name);
            // Of fields of the same name the first counts.
            if (Conditions.EntryFields.Find(field.Name) != Conditions.EntryField.None || written.Contains(name) || !reader.TryGet(line, field.Name, out var value)) continue;
            string text = TextOf(value, out bool isOther);
            length += (2 * name.Length) + text.Length;
            if (written.Count == MostFields || length > LongestFields || !IsName(name))
            {
                all = false;
                break;
            }

            written.Add(name);
            if (isOther) texts.Append('|').Append(name).Append('|');
            if (text.Length > 0) json.WriteString(name, text);
        }

        if (texts.Length > 0) json.WriteString(LogsQlFields.Texts, texts.ToString());
        return all;
    }

    private static bool IsName(string name) => name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= LongestName && name is not ("_time" or "_msg" or "_stream" or "_stream_id")
        && !name.StartsWith("prodops.", StringComparison.Ordinal) && !name.Contains('|', StringComparison.Ordinal) && !name.Contains('\uFFFD', StringComparison.Ordinal);

    /// <summary>A value in the one writing that its like have.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isOther">Whether the text is not the line's, or does not say what the value is.</param>
    private static string TextOf(in FieldValue value, out bool isOther)
    {
        string own = Encoding.UTF8.GetString(value.Text);
        string text = value.Type switch
        {
            ValueType.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
            ValueType.Real => LogsQlText.Number(value.Real) ?? own,
            ValueType.Duration => LogsQlText.Duration(value.Integer),
            ValueType.Address => AddressText.ToAddress(value.Address).ToString(),
            ValueType.Boolean => value.Integer != 0 ? "true" : "false",
            _ => own,
        };
        isOther = value.Type == ValueType.Text ? LogsQlFields.LooksTyped(value.Text) : value.Type != ValueType.Duration && text != own;
        return text;
    }
}
