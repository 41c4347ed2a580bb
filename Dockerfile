FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    HEVO_DATA_DIR=/data

RUN useradd --create-home --uid 10001 dashboard \
    && install --directory --owner dashboard --mode 0700 /data
WORKDIR /app
COPY constraints.txt requirements.txt requirements-auth.txt requirements-postgres.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements-auth.txt -r requirements-postgres.txt
COPY . .

USER 10001
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as ask; ask.urlopen('http://127.0.0.1:8501/ready', timeout=4)"]
CMD ["streamlit", "run", "app.py"]
