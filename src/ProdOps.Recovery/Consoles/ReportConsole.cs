using System.Globalization;
using System.Text.Json;
using ProdOps.Recovery.Html;
using ProdOps.Servers.Http;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Consoles;

/// <summary>The report as a page that is kept current: whole when it is asked for, and then what changes of it as server-sent events.</summary>
internal sealed class ReportConsole(LiveReport live, TimeSpan interval, TimeProvider time)
{
    public async Task<ConsoleAnswer> PageAsync(CancellationToken cancellationToken)
    {
        var state = await live.LookAsync(cancellationToken).ConfigureAwait(false);
        int seconds = (int)Math.Ceiling(Math.Max(5, state.Pause.TotalSeconds));
        // Where it stands is for eyes; what is said aloud is only what matters, when it changes.
        var head = new HtmlWriter().Each(state.Head, static (html, part) => html.Add($"{part.Part.Html}")).Add($"<p id=\"link\" class=\"dim\"></p>\n<p id=\"said\" class=\"unseen\" role=\"status\"></p>\n");
        var page = ConsoleLayout.Begin("/", state.Name, "overview", seconds, head)
            .Add($"<main data-seen=\"{state.Number}\" data-next=\"{seconds}\">\n").Each(state.Sections, static (html, part) => html.Add($"{part.Part.Html}")).Add($"</main>\n{ConsoleLayout.End(state.Footer)}");
        return ConsoleAnswer.Of(200, page);
    }

    /// <summary>What changes from now on, or since what the browser has seen.</summary>
    public ConsoleAnswer Events(HttpRequestHead request)
    {
        long seen = Math.Max(Number(request["Last-Event-ID"]), Number(request.Parameters().GetValueOrDefault("seen", "")));
        return new ConsoleAnswer(200, ConsoleAnswer.Events) { Write = (output, gone) => TellAsync(output, seen, gone) };

        static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
    }

    private async Task TellAsync(ConsoleOutput output, long seen, CancellationToken gone)
    {
        await output.WriteAsync("retry: 3000\n\n", gone).ConfigureAwait(false);
        while (true)
        {
            LiveState state;
            try
            {
                state = await live.AfterAsync(seen, gone).ConfigureAwait(false);
            }
            // The environment's file may be just being written: what is shown stays, with the reason why it is not newer.
            catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
            {
                await output.WriteAsync($"event: problem\ndata: {JsonSerializer.Serialize(SecretRedactor.Shared.Redact(error.Message))}\n\n", gone).ConfigureAwait(false);
                await Task.Delay(interval, time, gone).ConfigureAwait(false);
                continue;
            }

            await output.WriteAsync(state.EventSince(seen), gone).ConfigureAwait(false);
            seen = state.Number;
        }
    }
}
